#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

namespace roentgen {

/// Physical cores that this process may run on (hyper-threads counted once), at least 1.
int PhysicalCores();

/// A fixed team of threads, the caller's among them, that works through numbered tasks.
///
/// Which thread takes which task is open, so a result must not depend on it: tasks write places of
/// their own, and how work is cut into tasks follows from shapes alone, never from the number of
/// threads. That makes results bit-identical for any team size.
class ThreadPool {
 public:
  /// threads: the size of the team, at least 1 (then everything runs in the caller).
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Runs task(index, worker) once for every index below count and returns when all are done.
  /// worker, below threads(), tells the team's members apart (scratch memory). Each takes a run of
  /// neighbouring tasks in order, so that one that reads memory reads it in one stream, then helps
  /// the others with theirs. Throws the first exception a task threw, or Cancelled when a
  /// CancelScope's token was triggered; the remaining tasks are skipped then. Tasks must not call
  /// ForEach.
  void ForEach(size_t count, const std::function<void(size_t index, int worker)>& task);

  /// While it lives, every ForEach of the pool gives up soon after the token is triggered. This is
  /// how a prefill or an image encoding of many seconds stops within one task's time.
  class CancelScope {
   public:
    CancelScope(ThreadPool& pool, std::stop_token token);
    ~CancelScope();
    CancelScope(const CancelScope&) = delete;
    CancelScope& operator=(const CancelScope&) = delete;

   private:
    ThreadPool& pool_;
    std::stop_token previous_;
  };

 private:
  void WorkerLoop(int worker);
  bool Join();
  void RunTasks(int worker);

  /// Tasks that one member of the team begins with.
  struct alignas(64) TaskRun {
    std::atomic<size_t> next{0};
    size_t end = 0;
  };

  std::vector<std::thread> workers_;
  std::stop_token cancel_;

  // The current job. Written by the caller while nobody is inside it.
  const std::function<void(size_t, int)>* task_ = nullptr;
  std::vector<TaskRun> runs_;
  std::exception_ptr error_;

  // Raised with every job: what idle workers watch.
  alignas(64) std::atomic<uint32_t> epoch_{0};
  // Whether workers may still join the job (kOpen), and how many are inside. The caller closes it
  // when no tasks are left and waits only for those inside: a worker that the system has not
  // scheduled in time is not waited for.
  static constexpr uint32_t kOpen = 1u << 31;
  alignas(64) std::atomic<uint32_t> team_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> closing_{false};
};

}  // namespace roentgen
