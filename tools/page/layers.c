/* The one loop in which the networks spend their time, four numbers at once. tools/page.py compiles it to WebAssembly;
   convolveSlowly in engine.js is the same in plain JavaScript, and what both must give.

   maps      height and width with a margin, channels last; one line has `line` numbers
   kernel    [filters / 8][rows][span][8], span = columns of the kernel * channels
   out       height x width x filters; width is a multiple of 4, filters of 8 */

typedef float four __attribute__((vector_size(16), aligned(4)));
#define AT(place) (*(four *)(place))

void convolve(float *maps, float *kernel, float *out, int height, int width, int channels, int filters, int rows,
              int span, int line) {
  for (int f = 0; f < filters; f += 8)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x += 4) {
        four sum[4][2] = {0};
        float *weight = kernel + f * rows * span;
        for (int row = 0; row < rows; row++) {
          float *at = maps + (y + row) * line + x * channels;
          for (int i = 0; i < span; i++, at++, weight += 8)
            for (int pixel = 0; pixel < 4; pixel++) {
              sum[pixel][0] += at[pixel * channels] * AT(weight);
              sum[pixel][1] += at[pixel * channels] * AT(weight + 4);
            }
        }
        for (int pixel = 0; pixel < 4; pixel++) {
          float *to = out + (y * width + x + pixel) * filters + f;
          AT(to) = sum[pixel][0];
          AT(to + 4) = sum[pixel][1];
        }
      }
}
