#include "roentgen/data/function_words.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <unordered_set>

namespace roentgen {
namespace {

using WordSet = std::unordered_set<std::string>;

// Chosen by hand: of each language the articles, pronouns, prepositions and forms of to be and to
// have that are frequent in questions (the Snowball project's stop words, https://snowballstem.org,
// have most of them), question words, words for "visible", and yes and no.
constexpr std::string_view kEnglish = R"(
a about above after all also an and any are as at be because been before being below between both
but by can could did do does done during each either for from had has have he her here his how i
if in into is it its just many may me might more most much my no non none nor not of off on once
only or other our out over own per present same seen she should shown so some such than that the
their them then there these they this those through to too under until up us very visible was we
were what when where whether which while who whom whose why will with within without would yes you
your
)";

constexpr std::string_view kOthers[] = {
    // German
    R"(
aber als am an auch auf aus bei beide bis da das dass dem den der des die dies diese diesem
diesen dieser dieses du durch ein eine einem einen einer eines er es für gibt haben hat hier ich
ihr im in ist ja kann kein keine keinen man mit nach nein nicht noch nur ob oder ohne sehen sich
sichtbar sie sieht sind so über um und uns unter vom von vor vorhanden wann war warum was welche
welchem welchen welcher welches wenn wer werden wie wieviel wir wird wo wurde zeigt zu zum zur
zwischen
)",
    // French
    R"(
a à au aucun aucune aux avec ce ces cet cette combien comment c d dans de des du elle elles en
entre est et être il ils j je l la le les leur lui m n ne non nous on ont ou où oui par pas plus
pour pourquoi qu quand que quel quelle quelles quels qui quoi s sans se si sont sous sur t un
une visible voit vous y
)",
    // Spanish
    R"(
a al algún alguna cómo con cuál cuáles cuándo cuántas cuántos de del desde dónde donde e el él
ella en entre es esta está estas este esto estos están existe fue ha han hay la las lo los más
muestra muy ni no o para pero por porque presenta qué que quién se según ser sí si sin sobre son
su sus también tiene un una unas visible uno unos y ya
)",
    // Italian
    R"(
a ad al alla alle anche c che chi ci come con cosa da dal dalla dei del della delle dello di dov
dove e è ed era gli ha hanno i il in io l la le lo ma mostra nei nel nella nelle no non o per
perché più qual quale quali quando quanti quanto questa questo queste questi sei si sì sono su
sul sulla tra trova un una uno vede vi
)",
    // Portuguese
    R"(
a à ao aos as às até com como da das de do dos e é ela ele em entre era essa esse esta está este
estão eu existe foi há isso isto já mais mas mostra na não nas nem no nos o onde os ou para pela
pelo por qual quais quando quantas quantos que quem são se sem ser seu sim sob sobre sua também
tem têm um uma
)",
    // Dutch
    R"(
aan al als bij daar dat de den der deze die dit door een eens en er ge geen haar had heb heeft
het hij hoe hoeveel hun ik in is ja je kan kunnen maar me meer met mijn na naar nee niet nog nu
of om omdat onder ook op over te tot uit uw van veel voor waar waarom wanneer was wat welk welke
werd wie wij wordt ze zich zichtbaar zie zien zij zijn zo
)",
    // Swedish
    R"(
alla att av blev bli den denna deras dess det detta du där då efter ej eller en er ett finns för
från ha han har hon hur hur här i icke ingen inte ja jag kan man med men mellan mot många mycket
ni nej nu någon något när och om oss på samma sin sitt som så till under upp ut utan vad var
varför vem vi vid vilka vilken vilket är över
)",
    // Danish and Norwegian
    R"(
af alle at av begge bli blev både da de den denne der deres det dette dig din du efter eller en
er et etter finnes findes for fra før ha han har hun hva hvad hvem hver hvilke hvilken hvilket
hvor hvordan hvorfor i ikke ingen ja jeg kan man med mellom mellem mens mye når ned nei nej
nogle noen noe og også om opp op over på samme sig seg sin skal som så til uden uten under ut vi
ved være
)",
    // Polish
    R"(
a ale bez być było był była co czy dla do gdzie i ich ile ja jak jaka jaki jakie jest już kiedy
kto która który które ma można na nad nie o od oraz po pod przez przy są się ta tak tam te tego
ten to tu tym w we widać widoczna widoczne widoczny z za ze że
)",
    // Czech
    R"(
a ale být by co do i jak jaká jaké jaký je jsou kde kdo kdy která které který kolik má na ne než
není o od po pod pro při s se si ta tak tam to tu u v ve vidět z za ze že
)",
    // Romanian and Hungarian
    R"(
acest această acum al ale are că când câte care ce cine cu cum da de din este există în la mai
nu o pe pentru prin sau se si și sunt un unde unei unui va
)",
    R"(
a az egy és ez hány hogy hol igen ilyen ki látható látszik meg mely melyik mi mikor milyen nem
nincs van vannak vagy
)",
    // Finnish
    R"(
ei ja kuinka kuvassa kyllä mikä millainen missä mitä miten monta mutta näkyy on onko ovat se tai
tämä tässä että
)",
    // Vietnamese, Turkish, Indonesian
    R"(
bao bị các cái có của đâu đây được gì hay không là mấy một nào này như những ở phải sao thấy thế
tại trên trong và với vì đúng
)",
    R"(
bu bir da daha de değil evet görülüyor hangi hangisi hayır için ile kaç mı mi mu mü nasıl ne
neden nedir nerede neresi o olan şu var ve veya yok
)",
    R"(
ada adakah adalah apa apakah atau bagaimana bagian berapa dalam dan dari dengan di dimana gambar
ini itu ke mana pada seperti siapa terlihat tidak untuk ya yang
)"};

WordSet SetOf(std::string_view list) {
  std::istringstream words{std::string(list)};
  WordSet set;
  for (std::string word; words >> word;) set.insert(word);
  return set;
}

/// A word, or all parts of one with hyphens: "est-ce", but not "café-au-lait". A letter alone is
/// often a name: hepatitis E, grade I.
bool Knows(const WordSet& set, const std::string& word) {
  if (word.size() == 1) return false;
  for (size_t at = 0; at <= word.size();) {
    const size_t end = std::min(word.find('-', at), word.size());
    if (!set.contains(word.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

bool HasAccent(const std::string& word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return (c & 0x80) != 0; });
}

}  // namespace

LatinLanguage LanguageByFunctionWords(const std::vector<std::string>& words) {
  constexpr int kSure = 2;  // English words, whatever was borrowed: "Is this à la carte?"
  static const WordSet kEnglishWords = SetOf(kEnglish);
  static const auto kOtherWords = [] {
    std::array<WordSet, std::size(kOthers)> sets;
    std::transform(std::begin(kOthers), std::end(kOthers), sets.begin(), SetOf);
    return sets;
  }();
  const auto english = std::count_if(words.begin(), words.end(), [](const std::string& word) {
    return Knows(kEnglishWords, word);
  });
  const auto accented = std::count_if(words.begin(), words.end(), HasAccent);
  LatinLanguage language = english == 0         ? LatinLanguage::kNone
                           : accented > english ? LatinLanguage::kUnsure
                                                : LatinLanguage::kEnglish;
  for (const WordSet& set : kOtherWords) {
    size_t ours = 0;
    size_t theirs = 0;
    for (const std::string& word : words) {
      const bool one = Knows(kEnglishWords, word);
      const bool other = Knows(set, word);
      if (one && !other) ++ours;
      if (other && !one) ++theirs;
    }
    if (theirs > ours) return LatinLanguage::kOther;
    if (theirs == ours && theirs > 0 && english < kSure) language = LatinLanguage::kUnsure;
  }
  return language;
}

}  // namespace roentgen
