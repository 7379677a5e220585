#pragma once

#include <cstdint>
#include <vector>

#include "roentgen/imaging/image.h"
#include "roentgen/phantom/patient.h"

namespace roentgen {

/// A rectangle of pixels: [left, right) × [top, bottom).
struct PixelRectangle {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// A picture of a patient as a viewing station would show it, black to white.
struct PhantomImage {
  Size size;
  std::vector<uint16_t> pixels;         ///< [height, width], 0 to 65,535
  std::vector<PixelRectangle> finding;  ///< around each of the patient's findings, in their order

  std::vector<uint8_t> EightBits() const;
};

/// Draws the picture; side is its width and height in pixels (64 to 2,048). The same patient and
/// side give the same bits on every machine. Throws Error for another side.
///
/// Radiographs: line integrals of attenuation through ellipsoids and tubes, Beer-Lambert, scatter,
/// focal spot and detector blur, quantum noise, collimation, a side marker, and the logarithm that
/// a digital system shows. Slices: CT numbers with blur and the correlated noise of a
/// reconstruction, in the window usual for the organ.
PhantomImage DrawPhantom(const Patient& patient, int side);

}  // namespace roentgen
