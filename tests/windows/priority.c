/* priority "COMMAND LINE": runs a program and says which priority class it had last; ends with the program's code. */
#include <stdio.h>
#include <windows.h>

int wmain(int count, wchar_t **arguments)
{
    if (count != 2)
        return 250;
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION child;
    if (!CreateProcessW(NULL, arguments[1], NULL, NULL, FALSE, 0, NULL, NULL, &start, &child))
        return 251;
    DWORD class = 0, code = 252;
    while (WaitForSingleObject(child.hProcess, 1) == WAIT_TIMEOUT)
        class = GetPriorityClass(child.hProcess);
    GetExitCodeProcess(child.hProcess, &code);
    puts(class == BELOW_NORMAL_PRIORITY_CLASS ? "below normal" : class == NORMAL_PRIORITY_CLASS ? "normal" : "another");
    return (int)code;
}
