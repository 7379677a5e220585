#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace roentgen {

/// Who may read a new file; only its owner may write it.
enum class Readers {
  kUmask,  ///< whom the user's umask lets
  kOwner,  ///< its owner alone: patients' images and what was said about them
};

/// Which files an output may take the place of.
enum class Replaces {
  kOwn,  ///< those that this program made, of the same FileKind (made_by.h)
  kAny,  ///< --force, and the program's own folders
};

/// What a file is that the user named for the program to write.
enum class FileKind {
  kReport,
  kConversation,
  kStatistics,
  kCleaning,
  kComparison,
  kEvaluation,
  kBenchmark,
  kContactSheet,
};

/// The one way in which a file is written. It grows beside its place and is renamed there at the
/// end: whoever looks sees the old file or the new one, never half of one. Without Commit nothing
/// is left. It has a name, ".roentgen-" and digits, from Close until it is renamed (all along where
/// the file system knows no files without a name): one that is killed then leaves it.
///
/// - A symbolic link stays, and what it leads to is replaced.
/// - What is replaced gives its rights to the new file (KeepRights). A new one has the mode of the
///   umask, or 0600.
/// - /dev/stdout, /dev/stderr, /dev/null, /dev/tty, and /dev/fd/N are written through, at Commit.
///   Anything else that is no regular file is refused.
///
/// Members throw Error naming the path when anything fails (a full disk); the old file stays.
///
/// kind: which of its own Replaces::kOwn lets it replace; without one, no more than an empty file.
class Output {
 public:
  explicit Output(std::filesystem::path path, Readers readers = Readers::kUmask,
                  Replaces replaces = Replaces::kAny, std::optional<FileKind> kind = {});
  ~Output();
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;

  void Write(std::string_view bytes);
  /// Everything is on the disk now, under another name. For files that belong together: when all
  /// are closed, all can be committed.
  void Close();
  void Commit();

 private:
  void OpenBeside(Readers readers);
  void GetName();
  void Flush();
  [[noreturn]] void Fail(const char* action);

  std::filesystem::path path_;    // as it was named, for messages
  std::filesystem::path target_;  // where it leads
  std::string temporary_;         // beside it; empty: there is none yet, or none any more
  bool through_ = false;
  int descriptor_ = -1;
  std::string buffer_;
};

/// Writes a whole file; one of a kind with its seal (made_by.h).
void WriteFile(const std::filesystem::path& path, std::string_view content,
               Readers readers = Readers::kUmask, Replaces replaces = Replaces::kAny,
               std::optional<FileKind> kind = {});
/// The same for content that lies in pieces: gigabytes of tensors need not be joined in memory.
void WriteFile(const std::filesystem::path& path, std::span<const std::string_view> pieces);

/// Throws Error when Output would refuse the path, or cannot write there: before hours of work.
void CheckOutput(const std::filesystem::path& path, Replaces replaces,
                 std::optional<FileKind> kind = {});

/// Throws Error when an output is one of the inputs or, where an input is a folder, replaces a file
/// that lies in it or that a link in it leads to, by whatever name or link. A new file in such a
/// folder may be written, and one that an earlier run of the same command left there (own).
void CheckIsNoInput(const std::filesystem::path& output,
                    std::span<const std::filesystem::path> inputs, bool own = false);

/// Adds the bytes to a regular file's end, all or none (Error), as lines of their own: behind half
/// a line, which somebody left, they begin a new one. Makes the file where there is none. For logs,
/// which grow by lines: those of several programs do not mix.
void AppendToFile(const std::filesystem::path& path, std::string_view bytes,
                  Readers readers = Readers::kUmask);

/// Gives a file the mode and the POSIX access control list of another one, and its owner and group
/// where this user may. Where a list or the group cannot be kept, the file is for its owner alone.
/// False, with errno set, when its mode cannot be set.
bool KeepRights(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace roentgen
