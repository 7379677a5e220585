#!/usr/bin/env bash
# Makes the virtual environment in which the peers run: setup.sh [FOLDER [avx2 | avx2vnni]], by default
# build/peers, with llama.cpp for this processor; avx2: as for one that has nothing beyond AVX2, or
# beyond AVX2 and its VNNI.
# Runs again without harm: what is installed in these versions stays.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${1:-$root/build/peers}
instruction_set=${2:-native}

python3 -m venv "$venv"
"$venv/bin/pip" install torch==2.13.0 transformers==5.23.0 peft==0.21.2 pillow==13.0.0 gguf==0.19.0

# From source and past pip's cache, which may hold a wheel built for another processor. Without AMX:
# this version's quantised products die there at their first ldtilecfg (SIGSEGV); VNNI stays.
no_amx="-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
[ "$(uname -m)" = x86_64 ] || no_amx=
avx2="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON"
case $instruction_set in
native) options="-DGGML_NATIVE=ON -DCMAKE_C_FLAGS='$no_amx' -DCMAKE_CXX_FLAGS='$no_amx'" ;;
avx2) options=$avx2 ;;
avx2vnni) options="$avx2 -DGGML_AVX_VNNI=ON" ;;
*) echo "setup.sh: $instruction_set is none of native, avx2 and avx2vnni" >&2 && exit 2 ;;
esac
CMAKE_ARGS=$options \
    "$venv/bin/pip" install --no-cache-dir --no-binary llama-cpp-python \
    llama-cpp-python==0.3.36

"$venv/bin/python" -c 'import llama_cpp; print(llama_cpp.llama_print_system_info().decode())'
