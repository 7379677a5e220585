@echo off
rem The demo on Windows: in WSL with Debian 12, where the program is built and run.
rem First time: wsl --install -d Debian, then start this again.
setlocal
where wsl.exe >nul 2>nul
if errorlevel 1 (
  echo WSL is not installed. In a terminal as administrator: wsl --install -d Debian
  exit /b 1
)
wsl.exe --status >nul 2>nul
if errorlevel 1 (
  echo WSL has no Linux yet: wsl --install -d Debian
  exit /b 1
)
rem %~dp0 ends with a backslash, which would escape the quote behind it.
wsl.exe --cd "%~dp0." -- bash ./demo %*
exit /b %errorlevel%
