/* Temperatures in two scales. */
#ifndef SCALE_H
#define SCALE_H

double fahrenheit(double celsius);

#endif
