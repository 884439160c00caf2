// Of a part of a matrix, and of the rows that it writes a part of.
struct Shape {
  rows: u32,
  first_row: u32,
  stride: u32,
  reserved: u32,
}
@group(0) @binding(6) var<uniform> shape: Shape;
