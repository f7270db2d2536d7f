/** What Sigma draws on the graphics card beside its own discs and lines: rings, and dashes. */
import {
  EdgeRectangleProgram,
  NodeProgram,
  type ProgramInfo,
} from "sigma/rendering";
import { floatColor } from "sigma/utils";
import type { NodeDisplayData, RenderParams } from "sigma/types";

/** What a community's circle needs beside its place, size and colour. */
export interface RingData extends NodeDisplayData {
  fill: string;
  /** In [0, 1]: the part of the ring that is drawn solid, from the top, clockwise. */
  share: number;
}

const VERTEX = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec4 a_fill;
attribute vec2 a_position;
attribute float a_size;
attribute float a_share;
attribute float a_angle;

uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_correctionRatio;

varying vec4 v_color;
varying vec4 v_fill;
varying vec2 v_diffVector;
varying float v_radius;
varying float v_share;

const float bias = 255.0 / 254.0;

void main() {
  float size = a_size * u_correctionRatio / u_sizeRatio * 4.0;
  vec2 diffVector = size * vec2(cos(a_angle), sin(a_angle));
  gl_Position = vec4((u_matrix * vec3(a_position + diffVector, 1)).xy, 0, 1);
  v_diffVector = diffVector;
  v_radius = size / 2.0;
  v_share = a_share;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  v_fill = a_fill;
  v_fill.a *= bias;
  #endif
  v_color.a *= bias;
}
`;

const FRAGMENT = /* glsl */ `
precision highp float;

varying vec4 v_color;
varying vec4 v_fill;
varying vec2 v_diffVector;
varying float v_radius;
varying float v_share;

uniform float u_correctionRatio;

const vec4 transparent = vec4(0.0, 0.0, 0.0, 0.0);
const float TURN = 6.28318530718;

void main(void) {
  float pixel = u_correctionRatio * 2.0;
  float dist = length(v_diffVector);
  #ifdef PICKING_MODE
  gl_FragColor = dist > v_radius ? transparent : v_color;
  #else
  float thick = clamp(v_radius * 0.1, 2.0 * pixel, 6.0 * pixel);
  float turned = fract(atan(v_diffVector.x, v_diffVector.y) / TURN + 1.0);
  // Observed: a full ring. The rest: a thin dashed one.
  bool observed = turned <= v_share;
  float dashes = max(floor(TURN * v_radius / (8.0 * pixel)), 8.0);
  bool dash = fract(turned * dashes) < 0.5;
  float ring = observed ? thick : (dash ? pixel : 0.0);
  vec4 inner = mix(v_fill, v_color, smoothstep(-pixel, 0.0, dist - (v_radius - ring)) * step(0.0001, ring));
  gl_FragColor = mix(inner, transparent, smoothstep(-pixel, 0.0, dist - v_radius));
  #endif
}
`;

const { FLOAT, UNSIGNED_BYTE, TRIANGLES } = WebGLRenderingContext;

/** A disc with a ring: solid as far as its links were observed, dashed beyond. */
export class RingProgram extends NodeProgram<"u_sizeRatio" | "u_correctionRatio" | "u_matrix"> {
  override getDefinition() {
    return {
      VERTICES: 3,
      VERTEX_SHADER_SOURCE: VERTEX,
      FRAGMENT_SHADER_SOURCE: FRAGMENT,
      METHOD: TRIANGLES as 4,
      UNIFORMS: ["u_sizeRatio", "u_correctionRatio", "u_matrix"] as const,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_size", size: 1, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_fill", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_share", size: 1, type: FLOAT },
        { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [{ name: "a_angle", size: 1, type: FLOAT }],
      CONSTANT_DATA: [[0], [(2 * Math.PI) / 3], [(4 * Math.PI) / 3]],
    };
  }

  override processVisibleItem(id: number, start: number, data: NodeDisplayData): void {
    const { x, y, size, color, fill, share } = data as RingData;
    this.array.set([x, y, size, floatColor(color), floatColor(fill), share, id], start);
  }

  override setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
    gl.uniform1f(uniformLocations.u_correctionRatio ?? null, params.correctionRatio);
    gl.uniform1f(uniformLocations.u_sizeRatio ?? null, params.sizeRatio);
    gl.uniformMatrix3fv(uniformLocations.u_matrix ?? null, false, params.matrix);
  }
}

const DASHED_VERTEX = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_normal;
attribute float a_normalCoef;
attribute vec2 a_positionStart;
attribute vec2 a_positionEnd;
attribute float a_positionCoef;

uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_zoomRatio;
uniform float u_pixelRatio;
uniform float u_correctionRatio;
uniform float u_minEdgeThickness;
uniform float u_feather;

varying vec4 v_color;
varying vec2 v_normal;
varying float v_thickness;
varying float v_feather;
varying float v_along;

const float bias = 255.0 / 254.0;

void main() {
  vec2 normal = a_normal * a_normalCoef;
  vec2 position = a_positionStart * (1.0 - a_positionCoef) + a_positionEnd * a_positionCoef;
  float normalLength = length(normal);
  vec2 unitNormal = normal / normalLength;
  float pixelsThickness = max(normalLength, u_minEdgeThickness * u_sizeRatio);
  float webGLThickness = pixelsThickness * u_correctionRatio / u_sizeRatio;
  gl_Position = vec4((u_matrix * vec3(position + unitNormal * webGLThickness, 1)).xy, 0, 1);
  v_thickness = webGLThickness / u_zoomRatio;
  v_normal = unitNormal;
  v_feather = u_feather * u_correctionRatio / u_zoomRatio / u_pixelRatio * 2.0;
  // From the start, in pixels of the screen.
  v_along = a_positionCoef * distance(a_positionStart, a_positionEnd) / (2.0 * u_correctionRatio);
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
}
`;

const DASHED_FRAGMENT = /* glsl */ `
precision highp float;

varying vec4 v_color;
varying vec2 v_normal;
varying float v_thickness;
varying float v_feather;
varying float v_along;

const vec4 transparent = vec4(0.0, 0.0, 0.0, 0.0);

void main(void) {
  #ifdef PICKING_MODE
  gl_FragColor = v_color;
  #else
  float dist = length(v_normal) * v_thickness;
  float t = smoothstep(v_thickness - v_feather, v_thickness, dist);
  float gap = smoothstep(5.5, 6.5, mod(v_along, 11.0));
  gl_FragColor = mix(v_color, transparent, max(t, gap));
  #endif
}
`;

/** A line in dashes: nothing in it was observed. Sigma's own line, cut. */
export class DashedProgram extends EdgeRectangleProgram {
  override getDefinition() {
    return {
      ...super.getDefinition(),
      VERTEX_SHADER_SOURCE: DASHED_VERTEX,
      FRAGMENT_SHADER_SOURCE: DASHED_FRAGMENT,
    };
  }
}
