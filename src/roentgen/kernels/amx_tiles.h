#pragma once

#include <hwy/highway.h>

#if HWY_ARCH_X86_64 && defined(__linux__)
#define ROENTGEN_HAS_AMX 1
#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#else
#define ROENTGEN_HAS_AMX 0
#endif

namespace roentgen {

// Matrix registers ("tiles") of up to 16 rows of 64 bytes, which Intel's server processors have
// since Sapphire Rapids. The compiler's intrinsics for them do not tell it that they read memory.

/// Whether this processor has AMX tiles for bf16, and the system lets this process use them.
bool AmxAvailable();

#if ROENTGEN_HAS_AMX

/// The first `count` of a vector's 16 floats.
inline __mmask16 FirstLanes(size_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << count) - 1);
}

HWY_PUSH_ATTRIBUTES("amx-tile")

/// Opens the eight tile registers of this thread, whole, and frees them at the end: a thread that
/// holds them pays for it at every switch.
class TileRegisters {
 public:
  TileRegisters() {
    Config config;
    config.rows.fill(16);
    config.row_bytes.fill(64);
    __asm__ volatile("" ::"r"(&config) : "memory");  // the compiler takes it for 8 bytes
    _tile_loadconfig(&config);
  }
  ~TileRegisters() { _tile_release(); }
  TileRegisters(const TileRegisters&) = delete;
  TileRegisters& operator=(const TileRegisters&) = delete;

 private:
  static constexpr size_t kCount = 8;

  struct alignas(64) Config {  // as the instruction reads it
    uint8_t palette = 1;
    uint8_t start_row = 0;
    std::array<uint8_t, 14> reserved{};
    std::array<uint16_t, kCount> row_bytes{};
    std::array<uint16_t, 8> unused_row_bytes{};
    std::array<uint8_t, kCount> rows{};
    std::array<uint8_t, 8> unused_rows{};
  };
};

HWY_POP_ATTRIBUTES

#endif  // ROENTGEN_HAS_AMX

}  // namespace roentgen
