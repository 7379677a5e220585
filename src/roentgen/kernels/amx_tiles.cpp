#include "roentgen/kernels/amx_tiles.h"

#if ROENTGEN_HAS_AMX

#include <asm/prctl.h>
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace roentgen {
namespace {

/// Asks the system for the tiles' state, 8 KiB of every thread: it is kept for those who ask.
bool RequestTiles() {
  constexpr unsigned long kTileData = 18;  // the number of that state
  return ::syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, kTileData) == 0;
}

bool ProcessorHasTiles() {
  constexpr unsigned kBf16Tiles = 1u << 22;
  constexpr unsigned kTiles = 1u << 24;
  constexpr unsigned kBf16Vectors = 1u << 5;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const bool tiles =
      __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kTiles) != 0 && (d & kBf16Tiles) != 0;
  return tiles && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & kBf16Vectors) != 0;
}

}  // namespace

bool AmxAvailable() {
  static const bool available = ProcessorHasTiles() && RequestTiles();
  return available;
}

}  // namespace roentgen

#else

namespace roentgen {

bool AmxAvailable() {
  return false;
}

}  // namespace roentgen

#endif
