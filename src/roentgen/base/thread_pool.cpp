#include "roentgen/base/thread_pool.h"

#include <fmt/format.h>
#include <sched.h>

#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "roentgen/base/cpu_relax.h"
#include "roentgen/base/error.h"

namespace roentgen {
namespace {

// A decoding step is some 200 short jobs with microseconds between them, and waking a sleeping
// thread costs tens: so a worker watches for the next job this long before it sleeps.
constexpr std::chrono::microseconds kSpinTime{200};

/// Spins until ready() for up to kSpinTime; false when it did not come true.
template <class Ready>
bool SpinUntil(const Ready& ready) {
  const auto start = std::chrono::steady_clock::now();
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      CpuRelax();
    }
  } while (std::chrono::steady_clock::now() - start < kSpinTime);
  return false;
}

}  // namespace

int PhysicalCores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    // The set of hyper-threads that share the core names the core.
    std::ifstream file(
        fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
    std::string siblings;
    cores.insert(file >> siblings ? siblings : std::to_string(cpu));
  }
  return std::max(1, static_cast<int>(cores.size()));
}

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw Error(fmt::format("{} threads: at least 1 is needed", threads));
  runs_ = std::vector<TaskRun>(static_cast<size_t>(threads));
  for (int worker = 1; worker < threads; ++worker) {
    workers_.emplace_back([this, worker] { WorkerLoop(worker); });
  }
}

ThreadPool::~ThreadPool() {
  closing_ = true;
  epoch_.fetch_add(1);
  epoch_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::ForEach(size_t count, const std::function<void(size_t, int)>& task) {
  if (count == 0) return;
  task_ = &task;
  for (size_t i = 0; i < runs_.size(); ++i) {
    runs_[i].next.store(count * i / runs_.size(), std::memory_order_relaxed);
    runs_[i].end = count * (i + 1) / runs_.size();
  }
  failed_.store(false, std::memory_order_relaxed);
  const bool alone = workers_.empty() || count == 1;
  if (!alone) {
    team_.store(kOpen, std::memory_order_release);
    epoch_.fetch_add(1, std::memory_order_release);
    epoch_.notify_all();
  }
  RunTasks(0);
  if (!alone) {
    team_.fetch_and(~kOpen, std::memory_order_acq_rel);
    const auto all_left = [this] { return team_.load(std::memory_order_acquire) == 0; };
    while (!SpinUntil(all_left)) {
      const uint32_t inside = team_.load(std::memory_order_acquire);
      if (inside != 0) team_.wait(inside, std::memory_order_acquire);
    }
  }
  if (failed_.load(std::memory_order_relaxed)) {
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
}

void ThreadPool::WorkerLoop(int worker) {
  uint32_t seen = 0;
  while (true) {
    const auto new_job = [&] { return epoch_.load(std::memory_order_acquire) != seen; };
    if (!SpinUntil(new_job)) epoch_.wait(seen, std::memory_order_acquire);
    if (!new_job()) continue;
    seen = epoch_.load(std::memory_order_acquire);
    if (closing_) return;
    if (!Join()) continue;
    RunTasks(worker);
    if (team_.fetch_sub(1, std::memory_order_acq_rel) == 1) team_.notify_all();
  }
}

/// Enters the job, unless it is closed.
bool ThreadPool::Join() {
  uint32_t team = team_.load(std::memory_order_acquire);
  while ((team & kOpen) != 0) {
    if (team_.compare_exchange_weak(team, team + 1, std::memory_order_acq_rel)) return true;
  }
  return false;
}

void ThreadPool::RunTasks(int worker) {
  for (size_t i = 0; i < runs_.size(); ++i) {
    TaskRun& run = runs_[(static_cast<size_t>(worker) + i) % runs_.size()];
    while (!failed_.load(std::memory_order_relaxed)) {
      const size_t index = run.next.fetch_add(1, std::memory_order_relaxed);
      if (index >= run.end) break;
      try {
        if (cancel_.stop_requested()) throw Cancelled();
        (*task_)(index, worker);
      } catch (...) {
        // The first thread to fail owns error_; the caller reads it after all have checked in.
        if (!failed_.exchange(true)) error_ = std::current_exception();
      }
    }
  }
}

ThreadPool::CancelScope::CancelScope(ThreadPool& pool, std::stop_token token)
    : pool_(pool), previous_(std::exchange(pool.cancel_, std::move(token))) {}

ThreadPool::CancelScope::~CancelScope() {
  pool_.cancel_ = std::move(previous_);
}

}  // namespace roentgen
