#!/usr/bin/env bash
# Makes the virtual environment in which the peers run: setup.sh [FOLDER], by default build/peers.
# Runs again without harm: what is installed in these versions stays.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${1:-$root/build/peers}

python3 -m venv "$venv"
"$venv/bin/pip" install torch==2.13.0 transformers==5.23.0 peft==0.21.2 pillow==13.0.0 gguf==0.19.0

# From source and past pip's cache, which may hold a wheel built for another processor. Without AMX:
# this version's quantised products die there at their first ldtilecfg (SIGSEGV); VNNI stays.
no_amx="-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
[ "$(uname -m)" = x86_64 ] || no_amx=
CMAKE_ARGS="-DGGML_NATIVE=ON -DCMAKE_C_FLAGS='$no_amx' -DCMAKE_CXX_FLAGS='$no_amx'" \
    "$venv/bin/pip" install --no-cache-dir --no-binary llama-cpp-python \
    llama-cpp-python==0.3.36

"$venv/bin/python" -c 'import llama_cpp; print(llama_cpp.llama_print_system_info().decode())'
