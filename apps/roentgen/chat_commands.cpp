#include "chat_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "report_options.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/unicode.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

/// What other consoles, and Chinese, call them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kOtherNames = {{
    {"exit", "/exit"},
    {"quit", "/exit"},
    {"退出", "/exit"},
    {"clear", "/clear"},
    {"/bye", "/exit"},
    {"/quit", "/exit"},
    {"/退出", "/exit"},
    {"/?", "/help"},
    {"/幫助", "/帮助"},
    {"/报告", "/report"},
    {"/報告", "/report"},
}};

/// The usual name of a command, which may be typed in full-width characters: "／ｈｅｌｐ".
std::string CommandName(const std::string& written, const std::string& arguments) {
  std::string name = FoldLookalikes(written);
  for (const auto& [other, usual] : kOtherNames) {
    if (other == name && (arguments.empty() || name.starts_with('/'))) return std::string(usual);
  }
  return name;
}

}  // namespace

struct ChatCommands::Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
  std::string_view chinese;
  void (ChatCommands::*run)(const std::string& arguments);
};

const std::vector<ChatCommands::Command>& ChatCommands::All() {
  static const std::vector<Command> kCommands = {
      {"/help", "", "this list", "英文的命令列表", &ChatCommands::Help},
      {"/帮助", "", "this list in Chinese", "本列表", &ChatCommands::HelpInChinese},
      {"/image", "FILE", "attach a picture to the next question", "为下一个问题附上图像",
       &ChatCommands::AttachNamed},
      {"/add", "FILE", "attach one more of the current study", "为当前检查再附上一幅图像",
       &ChatCommands::AddNamed},
      {"/new", "[FILE]", "begin another study, which knows nothing of this one",
       "开始另一检查，与此前内容无关", &ChatCommands::New},
      {"/images", "", "the current study and its pictures", "当前检查及其图像",
       &ChatCommands::ListImages},
      {"/indication", "TEXT", "why the images were made, for reports; none: unknown",
       "临床资料，用于报告；无：不详", &ChatCommands::Indication},
      {"/report", "[en|zh] [FILE …]",
       "a report on the current study; FILE.pdf, .html, .md, .json,\n"
       "                               .fhir.json; --examination chest, head, abdomen, other;\n"
       "                               --force: over files that are no reports",
       "当前检查的报告；文件为 .pdf、.html、.md、.json、\n"
       "                                           .fhir.json；--examination "
       "胸部、头颅、腹部、其他；\n"
       "                                           --force：可覆盖并非报告的文件",
       &ChatCommands::Report},
      {"/system", "[TEXT]", "show or change the system prompt", "显示或更改系统提示词",
       &ChatCommands::System},
      {"/set", "NAME VALUE", "change a setting", "更改设置", &ChatCommands::Set},
      {"/show", "", "model and settings", "模型与设置", &ChatCommands::ShowSettings},
      {"/save", "[--force] FILE", "keep the conversation: .jsonl to go on with, .md to read",
       "保存对话：.jsonl 可继续，.md 供阅读", &ChatCommands::Save},
      {"/load", "FILE", "go on with a .jsonl", "继续 .jsonl 中的对话", &ChatCommands::Load},
      {"/regenerate", "", "answer the last question again", "重新回答上一个问题",
       &ChatCommands::Regenerate},
      {"/undo", "", "take the last question back, with its images", "撤回上一个问题及其图像",
       &ChatCommands::Undo},
      {"/stats", "", "tokens and memory", "token 数与内存", &ChatCommands::Stats},
      {"/clear", "", "forget the conversation", "清除对话", &ChatCommands::Clear},
      {"/exit", "", "leave", "离开", &ChatCommands::Exit},
  };
  return kCommands;
}

std::vector<std::string_view> ChatCommands::Names() {
  std::vector<std::string_view> names;
  for (const Command& command : All()) names.push_back(command.name);
  return names;
}

bool ChatCommands::Run(const std::string& line) {
  const std::string written = SplitAtBlanks(line).front();
  const std::string arguments(Strip(std::string_view(line).substr(written.size())));
  std::string name = CommandName(written, arguments);
  if (name == "image" && IsPicturesAlone(arguments)) name = "/image";
  for (const Command& command : All()) {
    if (command.name != name) continue;
    (this->*command.run)(arguments);
    return true;
  }
  const bool may_be_path = written.find('/', 1) != std::string::npos ||
                           LookAtPath(written) != PathKind::kAbsent ||
                           written.find('.') != std::string::npos;
  if (!name.starts_with('/') || may_be_path) return false;
  throw Error(fmt::format("{} is no command", OneLine(written)), "/help lists them.");
}

bool ChatCommands::IsPicturesAlone(const std::string& text) const {
  const PastedText pasted = SplitBeside(chat_.desk.attached(), text);
  return !pasted.Images().empty() && pasted.Words().empty();
}

/// The images that the arguments of a command consist of: words among them lead to nothing. All are
/// opened before one is attached.
std::vector<AttachedImage> ChatCommands::OpenAll(std::string_view command,
                                                 const std::string& arguments) {
  if (arguments.empty()) throw Error(fmt::format("{} needs the path of a picture", command));
  const PastedText pasted = SplitPastedText(arguments, LookAtPath);
  RefuseUnreadable(pasted);
  std::vector<AttachedImage> images;
  if (!pasted.Words().empty()) {
    images.push_back(chat_.Open({arguments}));  // says what is wrong
    return images;
  }
  for (const NamedImage& image : pasted.Images()) images.push_back(chat_.Open(image));
  return images;
}

/// With the Chinese names of commands.
void ChatCommands::HelpInChinese(const std::string&) {
  for (const Command& command : All()) {
    std::string names(command.name);
    for (const auto& [other, usual] : kOtherNames) {
      const bool chinese = other.starts_with('/') && (other[1] & 0x80) != 0;
      if (usual == command.name && chinese) names += fmt::format(", {}", other);
    }
    Tell("  {:<40} {}\n", fmt::format("{} {}", names, command.arguments), command.chinese);
  }
  Tell(
      "  {0}文字{0}                               多行的问题\n"
      "拖入图像或输入其路径即附上该图像。Ctrl-C 停止回答，Ctrl-D 离开。\n",
      kQuotes);
}

void ChatCommands::Help(const std::string&) {
  for (const Command& command : All()) {
    Tell("  {:<28} {}\n", fmt::format("{} {}", command.name, command.arguments), command.help);
  }
  Tell(
      "  {0}text{0}               a question of several lines\n"
      "A dropped or typed path of a picture attaches it. Ctrl-C stops an answer.\n",
      kQuotes);
}

void ChatCommands::AttachNamed(const std::string& arguments) {
  chat_.Attach(OpenAll("/image", arguments));
}

void ChatCommands::AddNamed(const std::string& arguments) {
  chat_.desk.TakeIn(OpenAll("/add", arguments));
}

void ChatCommands::New(const std::string& arguments) {
  std::vector<AttachedImage> images;
  if (!arguments.empty()) images = OpenAll("/new", arguments);
  chat_.desk.BeginStudy();
  chat_.desk.TakeIn(std::move(images));
}

void ChatCommands::Indication(const std::string& arguments) {
  if (arguments.empty()) {
    const std::string& indication = chat_.desk.indication();
    Tell("study {}: {}\n", chat_.desk.number(), indication.empty() ? "none" : OneLine(indication));
    return;
  }
  chat_.desk.SetIndication(arguments == "none" || arguments == "无" ? "" : arguments);
}

void ChatCommands::ListImages(const std::string&) {
  const ImagingStudy study = chat_.desk.Study();
  Tell("  study {}{}{}\n", chat_.desk.number(),
       study.images.empty() ? "" : fmt::format(" ({:.12})", study.Id()),
       study.indication.empty() ? "" : ", indication: " + OneLine(study.indication));
  const size_t asked = study.images.size() - chat_.desk.waiting().size();
  const std::vector<std::string> names = chat_.desk.Names();
  for (size_t i = 0; i < study.images.size(); ++i) {
    Tell("  {}  {}  {:.12}  {}{}\n", i + 1, names[i], study.images[i].sha256,
         OneLine(study.images[i].facts), i < asked ? "" : " (for the next question)");
  }
  if (study.images.empty()) PrintAside("no pictures");
}

/// The files that a report must not be written to: what was read, and what the conversation is kept
/// in.
std::vector<std::filesystem::path> ChatCommands::FilesInUse() const {
  std::vector<std::filesystem::path> files = chat_.read();
  const std::vector<std::filesystem::path> kept = chat_.files.InUse();
  files.insert(files.end(), kept.begin(), kept.end());
  return files;
}

void ChatCommands::Report(const std::string& arguments) {
  const ReportRequest request = ReadReportRequest(arguments);
  CheckReportFiles(request.files, FilesInUse(), request.replaces);
  ImagingStudy study = chat_.desk.Study();
  if (request.examination) {
    study.examination = {*request.examination, Examination::Source::kGiven, ""};
  }
  if (!study.images.empty()) chat_.desk.Say();
  const RadiologyReport report = chat_.conversation.Report(
      std::move(study), request.language.value_or(LanguageOfUser()), ShowStep);
  chat_.desk.WasReported();
  PrintReport(report, ReportExtent::kBody);
  WriteReports(report, request.files, request.replaces,
               [](const std::filesystem::path& file) { PrintAside("written: " + file.string()); });
}

void ChatCommands::System(const std::string& arguments) {
  if (arguments.empty()) {
    Tell("{}\n", chat_.conversation.session().options().system_prompt);
    return;
  }
  chat_.desk.Restart(arguments);
  chat_.files.Left();
  PrintAside("the conversation begins anew under this system prompt");
}

void ChatCommands::Set(const std::string& arguments) {
  const std::string plain = FoldLookalikes(arguments);  // "ｓｅｅｄ　１"
  const size_t blank = std::min(plain.find(' '), plain.size());
  const std::string name = plain.substr(0, blank);
  if (name.empty()) return ShowSettings("");
  chat_.settings.Set(name, Strip(std::string_view(plain).substr(blank)));
  input_.ForgetForeseen();
}

void ChatCommands::ShowSettings(const std::string&) {
  const Conversation& conversation = chat_.conversation;
  const RunFacts facts = DescribeRun(conversation.model(), conversation.session().options(),
                                     chat_.settings.generation, 0);
  Tell("  {:<19} {}\n  {:<19} {}\n", "model", OneLine(facts.model), "weights", facts.weights);
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    Tell("  {:<19} {}\n", "adapter", OneLine(adapter.name));
  }
  Tell("  {:<19} {}\n", "system", OneLine(facts.system_prompt));
  for (const std::string& line : chat_.settings.Describe()) Tell("  {}\n", line);
}

void ChatCommands::Save(const std::string& arguments) {
  chat_.files.Save(chat_.conversation, chat_.desk, arguments, chat_.read());
}

void ChatCommands::Load(const std::string& arguments) {
  if (arguments.empty()) throw Error("/load needs a transcript");
  chat_.Load(arguments);
}

void ChatCommands::Regenerate(const std::string&) {
  const GenerationOptions& generation = chat_.settings.generation;
  if (generation.sampling.temperature == 0 || generation.sampling.top_k == 1) {
    PrintAside(
        "the answer is not drawn at random; /set temperature 0.7 and top_k 50 to get others");
  } else {
    chat_.settings.NextSeed();
  }
  chat_.Regenerate();
}

/// Takes the last question back: its images wait for the next one, and its text may be asked again.
/// Before a study was asked about, takes its beginning back.
void ChatCommands::Undo(const std::string&) {
  Conversation& conversation = chat_.conversation;
  if (chat_.desk.CanReopen()) return chat_.desk.Reopen();
  const Exchange undone = conversation.Undo();
  chat_.desk.GiveBack(undone);
  PrintAside("taken back: " + OneLine(undone.Question()));
  if (!undone.pictures.empty()) {
    PrintAside(fmt::format("its {} for the next question",
                           undone.pictures.size() == 1
                               ? "image waits"
                               : fmt::format("{} images wait", undone.pictures.size())));
  }
  const size_t left = conversation.exchanges().size();
  PrintAside(fmt::format("{} {} left", CountTurns(left), left == 1 ? "is" : "are"));
  chat_.files.Keep(conversation, chat_.desk);
}

void ChatCommands::Stats(const std::string&) {
  Conversation& conversation = chat_.conversation;
  const Session& session = conversation.session();
  size_t tokens = 0;
  for (const Exchange& exchange : conversation.exchanges()) tokens += exchange.tokens.size();
  Tell(
      "  {}, {} tokens answered, context {}/{}\n"
      "  memory {} now, at most {}; keys and values {}\n",
      CountTurns(conversation.exchanges().size()), tokens, session.context_used(),
      session.options().context_tokens, SizeText(ResidentMemory()),
      SizeText(conversation.Memory().total()), SizeText(session.cache_bytes()));
}

void ChatCommands::Clear(const std::string&) {
  chat_.conversation.Restart();
  chat_.files.Left();
  chat_.desk.Forget();
  PrintAside("forgotten");
}

}  // namespace roentgen::app
