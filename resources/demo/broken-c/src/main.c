#include <stdio.h>

#include "scale.h"

int main(void)
{
    for (int celsius = -10; celsius <= 40; celsius += 10)
        printf("%4d C is %5.1f F and %6.2f K\n", celsius, fahrenheit(celsius), kelvin(celsius));
    return 0;
}
