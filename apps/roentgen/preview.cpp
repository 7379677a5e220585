#include "preview.h"

#include <unistd.h>

#include <optional>

#include "roentgen/assistant/picture_preview.h"
#include "roentgen/base/user_folders.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

constexpr size_t kColumns = 36;
constexpr size_t kRows = 14;

/// What the environment says of the terminal. Asking it would have to wait for an answer that many
/// never give.
std::optional<PreviewKind> KindOfTerminal() {
  const std::string term = Environment("TERM").value_or("");
  const std::string colour = Environment("COLORTERM").value_or("");
  if (term.starts_with("foot") || term.starts_with("mlterm") || term.find("sixel") != term.npos) {
    return PreviewKind::kSixel;
  }
  if (colour == "truecolor" || colour == "24bit") return PreviewKind::kBlocks24;
  if (term.find("256color") != term.npos) return PreviewKind::kBlocks256;
  return std::nullopt;
}

}  // namespace

std::string PreviewFor(const Image& image, const std::string& name) {
  if (name == "off" || !TakesEscapeCodes(STDERR_FILENO) || Environment("NO_COLOR")) return "";
  std::optional<PreviewKind> kind = KindOfTerminal();
  if (name == "sixel") kind = PreviewKind::kSixel;
  if (name == "blocks" && kind != PreviewKind::kBlocks24) kind = PreviewKind::kBlocks256;
  if (!kind) return "";
  const size_t columns = std::min(kColumns, TerminalColumns() - 2);
  return DrawPreview(image, *kind, columns, kRows);
}

}  // namespace roentgen::app
