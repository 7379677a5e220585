// What shells and `man` know of the program, written from the command line's own description.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "help_text.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

std::vector<const CLI::App*> Subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// The options that help shows: those in a group of no name are hidden.
std::vector<const CLI::Option*> ShownOptions(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

std::vector<std::string> LongOptions(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : ShownOptions(app)) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string FirstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string Escaped(std::string_view text, std::string_view characters) {
  std::string escaped;
  for (const char c : text) {
    if (characters.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// What may follow each command: "data import" → its options and subcommands.
void BashCases(const CLI::App& app, const std::string& path, std::string& text) {
  std::vector<std::string> words = LongOptions(app);
  for (const CLI::App* sub : Subcommands(app)) words.push_back(sub->get_name());
  text += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, fmt::join(words, " "));
  for (const CLI::App* sub : Subcommands(app)) {
    BashCases(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), text);
  }
}

/// What may follow an option that takes one of some names: "data import --split" → those.
void BashValues(const CLI::App& app, const std::string& path, std::string& text) {
  for (const CLI::Option* option : ShownOptions(app)) {
    const std::vector<std::string> choices = ChoicesOf(*option);
    if (choices.empty() || option->get_lnames().empty()) continue;
    text += fmt::format("    \"{} --{}\") words=\"{}\" named=1 ;;\n", path,
                        option->get_lnames().front(), fmt::join(choices, " "));
  }
  for (const CLI::App* sub : Subcommands(app)) {
    BashValues(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), text);
  }
}

std::string BashCompletion(const CLI::App& root) {
  std::string cases;
  BashCases(root, "", cases);
  std::string values;
  BashValues(root, "", values);
  std::string paths;
  const auto add_paths = [&](const auto& self, const CLI::App& app,
                             const std::string& path) -> void {
    for (const CLI::App* sub : Subcommands(app)) {
      const std::string name = path.empty() ? sub->get_name() : path + " " + sub->get_name();
      paths += fmt::format("|{}", name);
      self(self, *sub, name);
    }
  };
  add_paths(add_paths, root, "");
  return fmt::format(R"(# bash completion of roentgen: roentgen completion bash > \
#   ~/.local/share/bash-completion/completions/roentgen
_roentgen() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path="" next word words="" named=""
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    next="${{path:+$path }}$word"
    case "{}|" in *"|$next|"*) path=$next ;; esac
  done
  case "$path" in
{}  esac
  case "$path ${{COMP_WORDS[COMP_CWORD-1]}}" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ -n $named || $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -o filenames -F _roentgen roentgen
)",
                     paths, cases, values);
}

std::string FishCompletion(const CLI::App& root) {
  std::string text =
      "# fish completion of roentgen: roentgen completion fish > \\\n"
      "#   ~/.config/fish/completions/roentgen.fish\n";
  const auto add = [&](const auto& self, const CLI::App& app, const std::string& seen) -> void {
    const std::string when =
        seen.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + seen;
    for (const CLI::App* sub : Subcommands(app)) {
      text += fmt::format("complete -c roentgen -n '{}' -a {} -d '{}'\n", when, sub->get_name(),
                          Escaped(FirstLine(sub->get_description()), "'\\"));
    }
    for (const CLI::Option* option : ShownOptions(app)) {
      for (const std::string& name : option->get_lnames()) {
        const std::vector<std::string> choices = ChoicesOf(*option);
        text +=
            fmt::format("complete -c roentgen -n '{}' -l {}{} -d '{}'\n", when, name,
                        choices.empty() ? "" : fmt::format(" -x -a '{}'", fmt::join(choices, " ")),
                        Escaped(FirstLine(option->get_description()), "'\\"));
      }
    }
    for (const CLI::App* sub : Subcommands(app)) self(self, *sub, sub->get_name());
  };
  add(add, root, "");
  return text;
}

int Complete(const CLI::App& root, const std::string& shell) {
  if (shell == "fish") {
    Print("{}", FishCompletion(root));
  } else {
    if (shell == "zsh") Print("autoload -U +X bashcompinit && bashcompinit\n");
    Print("{}", BashCompletion(root));
  }
  return kDone;
}

/// Text for roff: hyphens stay hyphens, lines do not become requests.
std::string Roff(std::string_view text) {
  std::string roff;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) roff += "\\&";
    if (c == '-') {
      roff += "\\-";
    } else if (c == '\\') {
      roff += "\\e";
    } else {
      roff += c;
    }
    line_begins = c == '\n';
  }
  return roff;
}

void ManualOptions(const CLI::App& app, std::string& text) {
  for (const CLI::Option* option : ShownOptions(app)) {
    const std::string type = ValueName(*option);
    const std::string value = type.empty() ? "" : " " + type;
    const std::string name = option->get_positional()
                                 ? option->get_name(/*positional=*/true)
                                 : option->get_name(/*positional=*/false, /*all_options=*/true);
    text += fmt::format(".TP\n.B {}\n{}\n", Roff(name + value), Roff(option->get_description()));
  }
}

void ManualCommands(const CLI::App& app, const std::string& path, std::string& text) {
  for (const CLI::App* sub : Subcommands(app)) {
    const std::string name = path + " " + sub->get_name();
    text += fmt::format(".SS {}\n{}\n", Roff(name), Roff(sub->get_description()));
    if (!sub->get_footer().empty())
      text += fmt::format(".PP\n.nf\n{}\n.fi\n", Roff(sub->get_footer()));
    ManualOptions(*sub, text);
    ManualCommands(*sub, name, text);
  }
}

int PrintManual(const CLI::App& root) {
  std::string text = fmt::format(
      ".TH ROENTGEN 1 \"\" \"roentgen {}\"\n.SH NAME\nroentgen \\- medical visual question "
      "answering "
      "on Qwen2\\-VL\n.SH SYNOPSIS\n.B roentgen\n.I COMMAND\n[OPTIONS]\n.SH DESCRIPTION\n{}\n",
      ROENTGEN_VERSION, Roff(root.get_description()));
  text += ".SH COMMANDS\n";
  ManualCommands(root, "roentgen", text);
  text +=
      ".SH ENVIRONMENT\n"
      ".TP\n.B ROENTGEN_MODEL\nThe model where \\-\\-model names none.\n"
      ".TP\n.B HF_ENDPOINT, HF_TOKEN\nAnother Hugging Face, and what it and huggingface.co are "
      "sent over HTTPS.\n"
      ".TP\n.B HF_HOME, HF_HUB_CACHE\nWhere models of the Hugging Face cache are.\n"
      ".TP\n.B XDG_DATA_HOME, XDG_STATE_HOME\nAbove the folders below.\n"
      ".TP\n.B NO_COLOR\nNo colours and no previews.\n"
      ".SH FILES\n"
      ".TP\n.I ~/.local/share/roentgen/models\nModels that are found by name.\n"
      ".TP\n.I ~/.local/state/roentgen/history\nWhat was typed, without names of pictures.\n"
      ".TP\n.I ~/.local/state/roentgen/audit.jsonl\nA line for every answer of chat and report, "
      "and of "
      "ask with \\-\\-audit, all by hashes.\n"
      ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 130 interrupted.\n"
      ".SH NOTES\nFor research. Not a medical device; its answers are no diagnosis.\n";
  Print("{}", text);
  return kDone;
}

}  // namespace

void AddReference(CLI::App& app, Run& run) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Print what a shell needs to complete");
  completion->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer("bash and zsh: source <(roentgen completion bash)");
  completion->callback(
      [&app, shell, &run] { run = [&app, shell] { return Complete(app, *shell); }; });
  CLI::App* manual = app.add_subcommand("manual", "Print the manual page");
  manual->footer("roentgen manual | man -l -");
  manual->callback([&app, &run] { run = [&app] { return PrintManual(app); }; });
}

}  // namespace roentgen::app
