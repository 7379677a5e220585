#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "chat_settings.h"
#include "commands.h"
#include "conversation.h"
#include "history_file.h"
#include "line_editor.h"
#include "preview.h"
#include "report_options.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/imaging/load.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"
#include "standard_input.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kQuotes = "\"\"\"";
// A line that is longer is no question; nothing of it is answered.
constexpr size_t kMaxLineBytes = size_t{1} << 20;

struct ChatOptions {
  Conversation::Options conversation;
  ChoiceOptions choice;
  std::vector<fs::path> images;
  fs::path save;
  fs::path load;
  bool force = false;
  std::string preview = "auto";
};

bool IsSameFile(const fs::path& a, const fs::path& b) {
  std::error_code unreadable;
  return fs::weakly_canonical(a, unreadable) == fs::weakly_canonical(b, unreadable);
}

/// Throws Error when a conversation cannot be kept under this name: before anything is asked.
void CheckTranscriptName(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".jsonl" || extension == ".md") return;
  throw Error(fmt::format("{}: a transcript's name ends in .jsonl or .md", path.string()),
              ".jsonl can be loaded again, .md is to be read.");
}

/// The current study, as a conversation keeps it while another is looked at.
struct StudyNotes {
  size_t number = 1;
  std::vector<fs::path> attached;  // names of its images, in the order in which the model sees them
  std::vector<DicomIdentity> identities;
  std::string indication;
  bool reported = false;
};

std::string Gigabytes(size_t bytes) {
  return fmt::format("{:.2f} GB", static_cast<double>(bytes) * 1e-9);
}

void Aside(std::string_view text) {
  fmt::print(stderr, "{}\n", Dim(text));
}

/// Markdown as it is to be read in a terminal: headings bold, without marks.
std::string ForTerminal(std::string_view markdown) {
  std::string text;
  for (size_t begin = 0; begin < markdown.size();) {
    const size_t end = std::min(markdown.find('\n', begin), markdown.size());
    std::string line(markdown.substr(begin, end - begin));
    for (size_t at = line.find("**"); at != std::string::npos; at = line.find("**")) {
      line.erase(at, 2);
    }
    if (line.starts_with("> ")) line.erase(0, 2);
    const bool heading = line.starts_with('#');
    if (heading) line = Bold(line.substr(line.find(' ') + 1));
    text += line + "\n";
    begin = end + 1;
  }
  return text;
}

class ChatLoop {
 public:
  explicit ChatLoop(const ChatOptions& options)
      : conversation_(options.conversation),
        settings_{conversation_.generation(), options.choice.Resolve(), options.preview},
        save_(options.save) {
    if (!options.save.empty()) written_.push_back(options.save);
    if (!options.load.empty()) Load(options.load.string());
    std::vector<AttachedImage> images;
    for (const fs::path& path : options.images) images.push_back(Open({path}));
    if (BeginsStudy(images)) BeginStudy();
    Attach(std::move(images));
    if (!interactive_) return;
    editor_.emplace(conversation_.interrupts(),
                    LineEditor::Hooks{[this](std::string_view before) { return Complete(before); },
                                      [this](std::string_view line) { Foresee(line); }});
    for (const std::string& line : history_.Load()) editor_->Remember(line);
    conversation_.interrupts().KeepWhenIdle();
  }

  int Run() {
    if (interactive_) Greet();
    std::string line;
    while (!done_ && ReadTurn(line)) {
      try {
        Handle(line);
      } catch (const Cancelled&) {
        Aside("interrupted; the conversation is as before");
      } catch (const Error& error) {
        // In a script, a turn that failed must not be followed as if it had not.
        if (!interactive_) throw;
        fmt::print(stderr, "roentgen: {}\n", error.what());
        if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
      }
    }
    return kDone;
  }

 private:
  struct Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view help;
    void (ChatLoop::*run)(const std::string& arguments);
  };
  static const std::array<Command, 17> kCommands;
  /// What other consoles, and Chinese, call them.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kOtherNames = {{
      {"exit", "/exit"},
      {"quit", "/exit"},
      {"退出", "/exit"},
      {"clear", "/clear"},
      {"/bye", "/exit"},
      {"/quit", "/exit"},
      {"/退出", "/exit"},
      {"/?", "/help"},
      {"/帮助", "/help"},
      {"/幫助", "/help"},
  }};

  void Greet() {
    Aside("For research only, not a diagnosis.");
    Aside("Drop a picture here and ask about it. /help lists the commands, Ctrl-D leaves.");
    Aside(fmt::format("at most {} of memory; {} are free",
                      Gigabytes(conversation_.Memory().total()), Gigabytes(AvailableMemory())));
  }

  // What is typed.

  bool ReadTurn(std::string& line) {
    if (!ReadLine("> ", line)) return false;
    if (!std::string_view(line).starts_with(kQuotes)) return true;
    std::string text = line.substr(kQuotes.size());
    while (text.find(kQuotes) == std::string::npos) {
      if (!ReadLine(". ", line)) {
        if (interactive_) return false;
        throw Error("standard input ends within a question that \"\"\" began",
                    "End the question with a line of \"\"\". It was not asked.");
      }
      text += "\n" + line;
    }
    line = text.substr(0, text.find(kQuotes));
    line = Strip(line);
    return true;
  }

  /// A line without the blanks around it; false at the end. Ctrl-C at the prompt drops what was
  /// typed.
  bool ReadLine(const std::string& prompt, std::string& line) {
    if (interactive_) {
      LineEditor::Outcome outcome = LineEditor::Outcome::kDropped;
      while ((outcome = editor_->Read(prompt, line)) == LineEditor::Outcome::kDropped) {
        Aside("Ctrl-D or /exit leaves");
      }
      if (outcome == LineEditor::Outcome::kEnd) return false;
    } else if (!ReadInputLine(line)) {
      return false;
    }
    line = Strip(line);
    if (interactive_) Remember(line);
    return true;
  }

  void Remember(const std::string& line) {
    if (line.empty()) return;
    editor_->Remember(line);
    if (line.size() > kMaxLineBytes) return;
    const PastedText pasted = SplitPastedText(line, LookAtPath);
    if (pasted.unreadable.empty()) history_.Add(pasted.Words());
    if (!history_.problem().empty() && !std::exchange(told_of_history_, true)) {
      Aside("history is not kept: " + history_.problem());
    }
  }

  /// Begins with the pictures of a line that is still being typed.
  void Foresee(std::string_view line) {
    if (line.size() > kMaxLineBytes || line == foreseen_) return;
    foreseen_ = line;
    try {
      for (const NamedImage& image : SplitPastedText(line, LookAtPath).Images()) {
        if (image.kind == PathKind::kPicture) conversation_.Attach(image, settings_.choice);
      }
    } catch (const Error&) {  // said when the line is entered
    }
  }

  std::vector<std::string> Complete(std::string_view before) {
    if (before.starts_with('/') && before.find_first_of(" /", 1) == std::string_view::npos) {
      std::vector<std::string> names;
      for (const Command& command : kCommands) {
        if (command.name.starts_with(before)) names.emplace_back(command.name);
      }
      if (!names.empty()) return names;
    }
    if (before.starts_with("/set ") && LastWord(before).begin == 5) {
      std::vector<std::string> names;
      for (const std::string& name : ChatSettings::Names()) {
        if (name.starts_with(before.substr(5))) names.push_back(name);
      }
      return names;
    }
    return CompletePath(before);
  }

  // What becomes of it.

  void Handle(const std::string& line) {
    if (line.empty()) return;
    if (line.size() > kMaxLineBytes) {
      throw Error(fmt::format("a line of {} bytes is more than a question", line.size()));
    }
    if (const auto invalid = FindInvalidUtf8(line)) {
      throw Error(fmt::format("the line is not valid UTF-8 at byte {}", *invalid));
    }
    if (RunCommand(line)) return;
    PastedText pasted = SplitBeside(notes_.attached, line);
    RefuseUnreadable(pasted);
    // All are opened before one is attached: a line is taken whole or not at all.
    std::vector<AttachedImage> images;
    for (const NamedImage& image : pasted.Images()) images.push_back(Open(image));
    if (BeginsStudy(images)) {
      // Names of what was attached before mean files again.
      pasted = SplitBeside({}, line);
      RefuseUnreadable(pasted);
      images.clear();
      for (const NamedImage& image : pasted.Images()) images.push_back(Open(image));
      BeginStudy();
    }
    TakeIn(images);
    if (pasted.Words().empty()) {
      if (images.empty()) Aside("there is no question, only marks or blanks");
      std::move(images.begin(), images.end(), std::back_inserter(images_));
      return;
    }
    Ask(pasted, std::move(images));
  }

  /// "/name arguments", and the words that other consoles have: exit, clear, image FILE …
  bool RunCommand(const std::string& line) {
    const std::string written = SplitAtBlanks(line).front();
    const std::string arguments(Strip(std::string_view(line).substr(written.size())));
    std::string name = CommandName(written, arguments);
    if (name == "image" && IsPicturesAlone(arguments)) name = "/image";
    for (const Command& command : kCommands) {
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

  /// The usual name of a command, which may be typed in full-width characters: "／ｈｅｌｐ".
  static std::string CommandName(const std::string& written, const std::string& arguments) {
    std::string name = FoldLookalikes(written);
    for (const auto& [other, usual] : kOtherNames) {
      if (other == name && (arguments.empty() || name.starts_with('/'))) return std::string(usual);
    }
    return name;
  }

  bool IsPicturesAlone(const std::string& text) const {
    const PastedText pasted = SplitBeside(notes_.attached, text);
    return !pasted.Images().empty() && pasted.Words().empty();
  }

  AttachedImage Open(const NamedImage& image) {
    return conversation_.Attach(image, settings_.choice);
  }

  void Show(const AttachedImage& image) {
    const std::string& png = image.picture.shown.png;
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(png.data()), png.size());
    fmt::print(stderr, "{}", PreviewFor(DecodeImage(bytes, "preview"), settings_.preview));
    Aside(image.Describe());
    notes_.attached.push_back(image.path);
  }

  void Attach(std::vector<AttachedImage> images) {
    TakeIn(images);
    std::move(images.begin(), images.end(), std::back_inserter(images_));
  }

  // The current study.

  /// Takes images into the current study, and shows them.
  void TakeIn(const std::vector<AttachedImage>& images) {
    if (images.empty()) return;
    notes_.identities = IdentitiesWith(images);
    if (AreOfDifferentPatients(notes_.identities)) {
      Aside("the files name different patients, and are taken for one study");
    }
    for (const AttachedImage& image : images) {
      ReplaceGivenBack(image);
      Show(image);
    }
    SayStudy();
  }

  /// Whether images are of another study than the current one, which has images and was asked about
  /// or reported. Who is not there to be asked would not want two patients mixed.
  bool BeginsStudy(const std::vector<AttachedImage>& images) {
    const bool has_images = PicturesAsked() > 0 || !images_.empty();
    const bool looked_at = !conversation_.study().empty() || notes_.reported;
    if (images.empty() || !has_images) return false;
    if (AreOfDifferentPatients(IdentitiesWith(images))) return true;
    if (!looked_at || AreOfKnownStudy(images)) return false;
    const auto given_back = [&](const AttachedImage& image) { return GivenBack(image) >= 0; };
    if (std::all_of(images.begin(), images.end(), given_back)) return false;
    return !editor_ || !AskWhetherOfStudy(images.size());
  }

  std::vector<DicomIdentity> IdentitiesWith(const std::vector<AttachedImage>& images) const {
    std::vector<DicomIdentity> identities = notes_.identities;
    for (const AttachedImage& image : images) identities.push_back(image.picture.identity);
    return identities;
  }

  /// Whether they are DICOM files of the study that the current one's are of.
  bool AreOfKnownStudy(const std::vector<AttachedImage>& images) const {
    return std::all_of(images.begin(), images.end(), [&](const AttachedImage& image) {
      const std::string& study = image.picture.identity.study;
      return !study.empty() && std::any_of(notes_.identities.begin(), notes_.identities.end(),
                                           [&](const auto& known) { return known.study == study; });
    });
  }

  bool AskWhetherOfStudy(size_t images) {
    std::string line;
    const std::string question = fmt::format(
        "{} to study {}? y adds, n begins another: ",
        images == 1 ? "Does this image belong" : "Do these images belong", notes_.number);
    while (editor_->Read(question, line) == LineEditor::Outcome::kLine) {
      const std::string answer = FoldText(Strip(line));
      if (answer == "y" || answer == "yes" || answer == "是") return true;
      if (answer == "n" || answer == "no" || answer == "否") return false;
    }
    throw Cancelled();
  }

  void BeginStudy() {
    const bool used = !notes_.attached.empty() || !conversation_.study().empty();
    const size_t number = notes_.number + (used ? 1 : 0);
    if (!conversation_.study().empty()) earlier_.push_back(notes_);
    conversation_.BeginStudy();
    ForgetStudy(number);
    Aside(fmt::format("study {} begins: nothing that was shown or said before reaches it", number));
  }

  void ForgetStudy(size_t number) {
    images_.clear();
    given_back_ = 0;
    notes_ = {};
    notes_.number = number;
  }

  /// The images of the questions about it, and those that wait for the next.
  ImagingStudy CurrentStudy() const {
    ImagingStudy study;
    study.indication = notes_.indication;
    for (const Exchange& exchange : conversation_.study()) {
      study.images.insert(study.images.end(), exchange.pictures.begin(), exchange.pictures.end());
    }
    for (const AttachedImage& image : images_) study.images.push_back(image.picture.shown);
    return study;
  }

  /// "study 2: a.png, b.png".
  void SayStudy() const {
    std::string names;
    for (const fs::path& path : notes_.attached) {
      const fs::path name = path.has_filename() ? path.filename() : path.parent_path().filename();
      names += fmt::format("{}{}", names.empty() ? "" : ", ",
                           name.empty() ? "(an image)" : OneLine(name.string()));
    }
    Aside(fmt::format("study {}: {}", notes_.number, names.empty() ? "no image" : names));
  }

  /// Where an image waits that a question gave back (/undo), of those that wait; -1: nowhere.
  ptrdiff_t GivenBack(const AttachedImage& image) const {
    const ShownPicture& shown = image.picture.shown;
    for (size_t i = 0; i < given_back_; ++i) {
      const ShownPicture& waiting = images_[i].picture.shown;
      if (waiting.sha256 == shown.sha256 && waiting.pixels_sha256 == shown.pixels_sha256) {
        return static_cast<ptrdiff_t>(i);
      }
    }
    return -1;
  }

  /// An image that waits already is not attached twice when its question is asked again.
  void ReplaceGivenBack(const AttachedImage& image) {
    const ptrdiff_t at = GivenBack(image);
    if (at < 0) return;
    images_.erase(images_.begin() + at);
    notes_.attached.erase(notes_.attached.begin() + static_cast<ptrdiff_t>(PicturesAsked()) + at);
    --given_back_;
  }

  // What is asked.

  void Ask(const PastedText& pasted, std::vector<AttachedImage> images) {
    std::vector<ChatPart> parts = PartsOf(pasted, images_.size());
    std::vector<AttachedImage> all = images_;
    std::move(images.begin(), images.end(), std::back_inserter(all));
    // Where the question fails, its pictures wait for the next: they were shown as attached.
    images_ = all;
    const Answer answer = conversation_.Ask(std::move(parts), std::move(all), Stream);
    images_.clear();
    given_back_ = 0;
    FinishAnswer(answer);
  }

  static void Stream(std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  }

  void FinishAnswer(const Answer& answer) {
    fmt::print("\n");
    std::fflush(stdout);
    if (!conversation_.exchanges().back().image_reached) Aside(kNoImageNotice);
    if (interactive_) {
      const Session& session = conversation_.session();
      Aside(fmt::format("{}, {}, context {}/{}", DescribeCost(answer), Gigabytes(ResidentMemory()),
                        session.context_used(), session.options().context_tokens));
    }
    if (!save_.empty()) Write(save_);
  }

  // Commands.

  void Help(const std::string&) {
    for (const Command& command : kCommands) {
      fmt::print(stderr, "  {:<28} {}\n", fmt::format("{} {}", command.name, command.arguments),
                 command.help);
    }
    fmt::print(stderr,
               "  {0}text{0}               a question of several lines\n"
               "A dropped or typed path of a picture attaches it. Ctrl-C stops an answer.\n",
               kQuotes);
  }

  void AttachNamed(const std::string& arguments) {
    std::vector<AttachedImage> images = OpenAll("/image", arguments);
    if (BeginsStudy(images)) BeginStudy();
    Attach(std::move(images));
  }

  void AddNamed(const std::string& arguments) { Attach(OpenAll("/add", arguments)); }

  void New(const std::string& arguments) {
    std::vector<AttachedImage> images;
    if (!arguments.empty()) images = OpenAll("/new", arguments);
    BeginStudy();
    Attach(std::move(images));
  }

  /// The images that the arguments of a command consist of: words among them lead to nothing. All
  /// are opened before one is attached.
  std::vector<AttachedImage> OpenAll(std::string_view command, const std::string& arguments) {
    if (arguments.empty()) throw Error(fmt::format("{} needs the path of a picture", command));
    const PastedText pasted = SplitPastedText(arguments, LookAtPath);
    RefuseUnreadable(pasted);
    std::vector<AttachedImage> images;
    if (!pasted.Words().empty()) {
      images.push_back(Open({arguments}));  // says what is wrong
      return images;
    }
    for (const NamedImage& image : pasted.Images()) images.push_back(Open(image));
    return images;
  }

  void Indication(const std::string& arguments) {
    if (arguments.empty()) {
      fmt::print(stderr, "{}\n", notes_.indication.empty() ? "none" : OneLine(notes_.indication));
      return;
    }
    notes_.indication = arguments == "none" || arguments == "无" ? "" : arguments;
  }

  void ListImages(const std::string&) {
    const ImagingStudy study = CurrentStudy();
    fmt::print(stderr, "  study {}{}{}\n", notes_.number,
               study.images.empty() ? "" : fmt::format(" ({:.12})", study.Id()),
               study.indication.empty() ? "" : ", indication: " + OneLine(study.indication));
    size_t number = 0;
    for (const Exchange& exchange : conversation_.study()) {
      for (const ShownPicture& picture : exchange.pictures) {
        fmt::print(stderr, "  {}  {:.12}  {}\n", ++number, picture.sha256, picture.facts);
      }
    }
    for (const AttachedImage& image : images_) {
      fmt::print(stderr, "  {}  {:.12}  {} (for the next question)\n", ++number,
                 image.picture.shown.sha256, image.picture.shown.facts);
    }
    if (number == 0) Aside("no pictures");
  }

  void Report(const std::string& arguments) {
    const ReportRequest request = ReadReportRequest(arguments);
    for (const fs::path& file : request.files) CheckReportName(file.string());
    ImagingStudy study = CurrentStudy();
    if (request.examination) {
      study.examination = {*request.examination, Examination::Source::kGiven, ""};
    }
    if (!study.images.empty()) SayStudy();
    const RadiologyReport report = conversation_.Report(
        std::move(study), request.language.value_or(LanguageOfUser()), ShowStep);
    notes_.reported = true;
    const std::string body = ReportBody(report);
    Stream(::isatty(STDOUT_FILENO) == 1 ? ForTerminal(body) : body);
    Aside("examination: " + DescribeExamination(report.study.examination, Language::kEnglish));
    for (const fs::path& file : request.files) {
      WriteReport(report, file);
      Aside("written: " + file.string());
    }
  }

  void System(const std::string& arguments) {
    if (arguments.empty()) {
      fmt::print(stderr, "{}\n", conversation_.session().options().system_prompt);
      return;
    }
    conversation_.Restart(arguments);
    // What was asked about is gone; what waits for a question is still there.
    notes_.attached.erase(notes_.attached.begin(),
                          notes_.attached.end() - static_cast<ptrdiff_t>(images_.size()));
    earlier_.clear();
    Aside("the conversation begins anew under this system prompt");
  }

  void Set(const std::string& arguments) {
    const std::string plain = FoldLookalikes(arguments);  // "ｓｅｅｄ　１"
    const size_t blank = std::min(plain.find(' '), plain.size());
    const std::string name = plain.substr(0, blank);
    if (name.empty()) return ShowSettings("");
    settings_.Set(name, Strip(std::string_view(plain).substr(blank)));
    foreseen_.clear();
  }

  void ShowSettings(const std::string&) {
    const RunFacts facts = DescribeRun(conversation_.model(), conversation_.session().options(),
                                       conversation_.generation(), 0);
    fmt::print(stderr, "  {:<19} {}\n  {:<19} {}\n", "model", facts.model, "weights",
               facts.weights);
    for (const RunFacts::Adapter& adapter : facts.adapters) {
      fmt::print(stderr, "  {:<19} {}\n", "adapter", adapter.name);
    }
    fmt::print(stderr, "  {:<19} {}\n", "system", OneLine(facts.system_prompt));
    for (const std::string& line : settings_.Describe()) fmt::print(stderr, "  {}\n", line);
  }

  void Save(const std::string& arguments) {
    constexpr std::string_view kForce = "--force ";
    const bool force = arguments.starts_with(kForce);
    const std::string name(Strip(std::string_view(arguments).substr(force ? kForce.size() : 0)));
    if (name.empty()) throw Error("/save needs a name");
    CheckTranscriptName(name);
    const bool ours = std::any_of(written_.begin(), written_.end(),
                                  [&](const fs::path& path) { return IsSameFile(path, name); });
    if (!force && !ours && FileExists(name)) {
      throw Error(fmt::format("{} is there already", name),
                  fmt::format("Choose another name, or write /save --force {}.", name));
    }
    Write(name);
    written_.emplace_back(name);
    Aside("written: " + name);
  }

  /// NAME.jsonl, from which the conversation can go on; NAME.md, to read.
  void Write(const fs::path& path) {
    CheckTranscriptName(path);
    const RunFacts& facts = conversation_.Facts();
    const auto& exchanges = conversation_.exchanges();
    WriteFileAtomically(path,
                        path.extension() == ".md" ? TranscriptMarkdown(facts, exchanges)
                                                  : TranscriptLines(facts, exchanges),
                        Readers::kOwner);
  }

  void Load(const std::string& arguments) {
    if (arguments.empty()) throw Error("/load needs a transcript");
    Transcript transcript = ReadTranscript(arguments);
    const std::string model = transcript.model_sha256;
    conversation_.Continue(std::move(transcript));
    written_.emplace_back(arguments);
    earlier_.clear();
    ForgetStudy(1);
    for (const Exchange& exchange : conversation_.exchanges()) {
      if (exchange.begins_study) ++notes_.number;
    }
    notes_.attached.assign(PicturesAsked(), {});  // a transcript does not name them
    Aside(fmt::format("{} turns, {} tokens", conversation_.exchanges().size(),
                      conversation_.session().context_used()));
    const std::vector<Exchange>& exchanges = conversation_.exchanges();
    if (!exchanges.empty() && !exchanges.back().image_reached) {
      Aside("it holds no image: its answers rest on the questions alone");
    }
    if (!model.empty() && model != conversation_.Facts().model_sha256) {
      Aside("another model gave these answers");
    }
  }

  void Regenerate(const std::string&) {
    GenerationOptions& generation = conversation_.generation();
    if (generation.sampling.temperature == 0 || generation.sampling.top_k == 1) {
      Aside("the answer is not drawn at random; /set temperature 0.7 and top_k 50 to get others");
    } else {
      ++generation.seed;
    }
    FinishAnswer(conversation_.Regenerate(Stream));
  }

  /// How many pictures the questions about the current study have.
  size_t PicturesAsked() const {
    size_t pictures = 0;
    for (const Exchange& exchange : conversation_.study()) pictures += exchange.pictures.size();
    return pictures;
  }

  /// Takes the last question back: its images wait for the next one, and its text may be asked
  /// again. Before a study was asked about, takes its beginning back.
  void Undo(const std::string&) {
    if (conversation_.study().empty() && !conversation_.exchanges().empty()) return UndoStudy();
    const Exchange undone = conversation_.Undo();
    std::vector<AttachedImage> images;
    for (const ShownPicture& picture : undone.pictures) {
      const fs::path& name = notes_.attached[PicturesAsked() + images.size()];
      images.push_back({name, conversation_.PrepareAgain(picture)});
    }
    given_back_ += images.size();
    images_.insert(images_.begin(), std::make_move_iterator(images.begin()),
                   std::make_move_iterator(images.end()));
    Aside("taken back: " + OneLine(undone.Question()));
    if (!undone.pictures.empty()) {
      Aside(fmt::format("its {} for the next question",
                        undone.pictures.size() == 1
                            ? "image waits"
                            : fmt::format("{} images wait", undone.pictures.size())));
    }
    Aside(fmt::format("{} turns are left", conversation_.exchanges().size()));
    if (!save_.empty()) Write(save_);
  }

  void UndoStudy() {
    conversation_.ReopenStudy();
    ForgetStudy(notes_.number - 1);
    if (!earlier_.empty()) {
      notes_ = std::move(earlier_.back());
      earlier_.pop_back();
    }
    notes_.attached.resize(PicturesAsked());
    Aside(fmt::format("back to study {}", notes_.number));
    SayStudy();
  }

  void Stats(const std::string&) {
    const Session& session = conversation_.session();
    size_t tokens = 0;
    for (const Exchange& exchange : conversation_.exchanges()) tokens += exchange.tokens.size();
    fmt::print(stderr,
               "  {} turns, {} tokens answered, context {}/{}\n"
               "  memory {} now, at most {}; keys and values {}\n",
               conversation_.exchanges().size(), tokens, session.context_used(),
               session.options().context_tokens, Gigabytes(ResidentMemory()),
               Gigabytes(conversation_.Memory().total()), Gigabytes(session.cache_bytes()));
  }

  void Clear(const std::string&) {
    conversation_.Restart();
    ForgetStudy(1);
    earlier_.clear();
    Aside("forgotten");
  }

  void Exit(const std::string&) { done_ = true; }

  Conversation conversation_;
  ChatSettings settings_;
  fs::path save_;
  std::vector<AttachedImage> images_;  // for the next question
  size_t given_back_ = 0;              // of these, the first: of a question that was taken back
  StudyNotes notes_;
  std::vector<StudyNotes> earlier_;  // of the studies before it
  std::vector<fs::path> written_;    // files that this conversation is kept in
  const bool interactive_ = ::isatty(STDIN_FILENO) == 1;
  std::optional<LineEditor> editor_;
  HistoryFile history_;
  std::string foreseen_;
  bool told_of_history_ = false;
  bool done_ = false;
};

const std::array<ChatLoop::Command, 17> ChatLoop::kCommands = {{
    {"/help", "", "this list", &ChatLoop::Help},
    {"/image", "FILE", "attach a picture to the next question", &ChatLoop::AttachNamed},
    {"/add", "FILE", "attach one more of the current study", &ChatLoop::AddNamed},
    {"/new", "[FILE]", "begin another study, which knows nothing of this one", &ChatLoop::New},
    {"/images", "", "the current study and its pictures", &ChatLoop::ListImages},
    {"/indication", "TEXT", "why the images were made, for reports; none: unknown",
     &ChatLoop::Indication},
    {"/report", "[en|zh] [FILE …]",
     "a report on the current study; FILE.pdf, .html, .md, .json;\n"
     "                               --examination chest, head, abdomen, other",
     &ChatLoop::Report},
    {"/system", "[TEXT]", "show or change the system prompt", &ChatLoop::System},
    {"/set", "NAME VALUE", "change a setting", &ChatLoop::Set},
    {"/show", "", "model and settings", &ChatLoop::ShowSettings},
    {"/save", "[--force] FILE", "keep the conversation: .jsonl to go on with, .md to read",
     &ChatLoop::Save},
    {"/load", "FILE", "go on with a .jsonl", &ChatLoop::Load},
    {"/regenerate", "", "answer the last question again", &ChatLoop::Regenerate},
    {"/undo", "", "take the last question back, with its images", &ChatLoop::Undo},
    {"/stats", "", "tokens and memory", &ChatLoop::Stats},
    {"/clear", "", "forget the conversation", &ChatLoop::Clear},
    {"/exit", "", "leave", &ChatLoop::Exit},
}};

/// Before the model is loaded: the first answer must not find that it cannot be kept.
void CheckSave(const ChatOptions& options) {
  if (options.save.empty()) return;
  CheckTranscriptName(options.save);
  const bool goes_on = !options.load.empty() && IsSameFile(options.save, options.load);
  if (options.force || goes_on || !FileExists(options.save)) return;
  throw Error(fmt::format("{} is there already", options.save.string()),
              "Go on with it by --load, choose another name, or write over it with --force.");
}

}  // namespace

void AddChat(CLI::App& app, Run& run) {
  auto options = std::make_shared<ChatOptions>();
  options->conversation.audit = DefaultAudit();
  CLI::App* command = app.add_subcommand("chat", "Ask many questions in one conversation");
  command
      ->add_option("--image", options->images, "A picture for the first question; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--save", options->save,
                      "Keep the conversation in this file after each answer: .jsonl or .md");
  command->add_flag("--force", options->force,
                    "Let --save write over a file that is there and is not loaded");
  command->add_option("--load", options->load, "Go on with a conversation that was kept as .jsonl");
  command
      ->add_option("--preview", options->preview,
                   "How pictures are shown: auto, blocks, sixel, off")
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(kPreviewNames), std::end(kPreviewNames))));
  options->choice.AddTo(*command);
  options->conversation.AddTo(*command);
  command->footer(
      "One question a line; the path of a picture in it attaches the picture. /help lists the\n"
      "commands, Ctrl-C stops an answer, Ctrl-D leaves.");
  command->callback([options, &run] {
    run = [options] {
      CheckSave(*options);
      return ChatLoop(*options).Run();
    };
  });
}

}  // namespace roentgen::app
