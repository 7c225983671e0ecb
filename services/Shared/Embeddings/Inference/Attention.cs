using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gateway.Embeddings.Inference;

/// <summary>Self-attention of one text: softmax(Q·Kᵀ)·V for each head, queries already scaled.</summary>
internal static unsafe class Attention
{
    private const int HeadSize = EncoderShape.HeadSize;
    private const int Stride = 3 * EncoderShape.Width;
    private const int KeyGroup = 32;
    private const int QueryGroup = 4;

    /// <summary>Floats of scratch that a text of this many tokens needs.</summary>
    public static int ScratchSize(int tokens) => (HeadSize + QueryGroup) * Pad(tokens);

    /// <summary>Reads rows of query, key and value side by side and writes rows of <see cref="EncoderShape.Width"/>.</summary>
    public static void Run(float* rows, int tokens, float* output, float* scratch)
    {
        var padded = Pad(tokens);
        var keys = scratch;
        var scores = scratch + HeadSize * padded;
        for (var head = 0; head < EncoderShape.Heads; head++)
        {
            var queries = rows + head * HeadSize;
            var values = queries + 2 * EncoderShape.Width;
            Transpose(queries + EncoderShape.Width, tokens, keys, padded);
            for (var query = 0; query < tokens; query += QueryGroup)
            {
                // A group that reaches past the end repeats the last token: the same values are computed and stored again.
                var q0 = query;
                var q1 = Math.Min(query + 1, tokens - 1);
                var q2 = Math.Min(query + 2, tokens - 1);
                var q3 = Math.Min(query + 3, tokens - 1);
                Score(queries + q0 * Stride, queries + q1 * Stride, queries + q2 * Stride, queries + q3 * Stride, keys, padded, scores);
                var to = output + head * HeadSize;
                var weights = Vector128.Create(
                    Softmax(scores, tokens, padded),
                    Softmax(scores + padded, tokens, padded),
                    Softmax(scores + 2 * padded, tokens, padded),
                    Softmax(scores + 3 * padded, tokens, padded));
                for (var part = 0; part < HeadSize; part += 2 * Lanes)
                {
                    Mix(scores, padded, tokens, values + part, weights,
                        to + q0 * EncoderShape.Width + part,
                        to + q1 * EncoderShape.Width + part,
                        to + q2 * EncoderShape.Width + part,
                        to + q3 * EncoderShape.Width + part);
                }
            }
        }
    }

    private static int Lanes => Vector<float>.Count;

    private static int Pad(int tokens) => (tokens + KeyGroup - 1) & ~(KeyGroup - 1);

    private static void Transpose(float* keys, int tokens, float* transposed, int padded)
    {
        for (var token = 0; token < tokens; token++)
        {
            for (var i = 0; i < HeadSize; i++)
            {
                transposed[i * padded + token] = keys[token * Stride + i];
            }
        }

        for (var i = 0; i < HeadSize; i++)
        {
            new Span<float>(transposed + i * padded + tokens, padded - tokens).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* q0, float* q1, float* q2, float* q3, float* keys, int padded, float* scores)
    {
        for (var key = 0; key < padded; key += 2 * Lanes)
        {
            Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            var column = keys + key;
            for (var i = 0; i < HeadSize; i++, column += padded)
            {
                var left = Vector.Load(column);
                var right = Vector.Load(column + Lanes);
                var q = Vector.Create(q0[i]);
                a0 = Vector.MultiplyAddEstimate(q, left, a0);
                b0 = Vector.MultiplyAddEstimate(q, right, b0);
                q = Vector.Create(q1[i]);
                a1 = Vector.MultiplyAddEstimate(q, left, a1);
                b1 = Vector.MultiplyAddEstimate(q, right, b1);
                q = Vector.Create(q2[i]);
                a2 = Vector.MultiplyAddEstimate(q, left, a2);
                b2 = Vector.MultiplyAddEstimate(q, right, b2);
                q = Vector.Create(q3[i]);
                a3 = Vector.MultiplyAddEstimate(q, left, a3);
                b3 = Vector.MultiplyAddEstimate(q, right, b3);
            }

            a0.Store(scores + key);
            b0.Store(scores + key + Lanes);
            a1.Store(scores + padded + key);
            b1.Store(scores + padded + key + Lanes);
            a2.Store(scores + 2 * padded + key);
            b2.Store(scores + 2 * padded + key + Lanes);
            a3.Store(scores + 3 * padded + key);
            b3.Store(scores + 3 * padded + key + Lanes);
        }
    }

    /// <summary>Turns scores into exponentials, 0 for the padding, and returns what to multiply them by so that they add up to 1.</summary>
    private static float Softmax(float* scores, int tokens, int padded)
    {
        var largest = TensorPrimitives.Max(new ReadOnlySpan<float>(scores, tokens));
        new Span<float>(scores + tokens, padded - tokens).Fill(float.NegativeInfinity);
        return 1 / VectorMath.ExpSum(scores, padded, largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(float* scores, int padded, int tokens, float* values, Vector128<float> weights, float* y0, float* y1, float* y2, float* y3)
    {
        Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (var token = 0; token < tokens; token++, values += Stride)
        {
            var left = Vector.Load(values);
            var right = Vector.Load(values + Lanes);
            var p = Vector.Create(scores[token]);
            a0 = Vector.MultiplyAddEstimate(p, left, a0);
            b0 = Vector.MultiplyAddEstimate(p, right, b0);
            p = Vector.Create(scores[padded + token]);
            a1 = Vector.MultiplyAddEstimate(p, left, a1);
            b1 = Vector.MultiplyAddEstimate(p, right, b1);
            p = Vector.Create(scores[2 * padded + token]);
            a2 = Vector.MultiplyAddEstimate(p, left, a2);
            b2 = Vector.MultiplyAddEstimate(p, right, b2);
            p = Vector.Create(scores[3 * padded + token]);
            a3 = Vector.MultiplyAddEstimate(p, left, a3);
            b3 = Vector.MultiplyAddEstimate(p, right, b3);
        }

        (a0 * weights[0]).Store(y0);
        (b0 * weights[0]).Store(y0 + Lanes);
        (a1 * weights[1]).Store(y1);
        (b1 * weights[1]).Store(y1 + Lanes);
        (a2 * weights[2]).Store(y2);
        (b2 * weights[2]).Store(y2 + Lanes);
        (a3 * weights[3]).Store(y3);
        (b3 * weights[3]).Store(y3 + Lanes);
    }
}
