using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>
/// Answers embeddings with vectors made of hashed words and letter groups: the same text always gives the same vector, and texts that
/// share words are near each other. They know nothing of meaning.
/// </summary>
internal static class DemoEmbeddings
{
    private const int DefaultDimensions = 384;
    private const int MostDimensions = 4096;
    private const int MostInputs = 2048;
    private const float GroupWeight = 0.4f;

    public static byte[] Answer(JsonElement body)
    {
        var inputs = DemoInput.Read(body, "input", MostInputs);
        if (inputs.Any(static i => i.Text is "" || (i.Text is null && i.TokenIds.Count == 0)))
        {
            throw DemoFaultException.Invalid("input", "without empty texts");
        }

        var dimensions = DemoJson.Count(body, "dimensions", 1, MostDimensions) ?? DefaultDimensions;
        var base64 = DemoJson.Text(body, "encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw DemoFaultException.Invalid("encoding_format", "float or base64"),
        };

        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < inputs.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, i);
            WriteVector(json, Embed(inputs[i], dimensions), base64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model"u8, "demo"u8);
        var tokens = inputs.Sum(static i => i.Tokens);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static float[] Embed(DemoInput input, int dimensions)
    {
        var vector = new float[dimensions];
        if (input.Text is null)
        {
            Span<char> digits = stackalloc char[11];
            foreach (var token in input.TokenIds)
            {
                token.TryFormat(digits, out var length, provider: System.Globalization.CultureInfo.InvariantCulture);
                Add(vector, digits[..length], 1);
            }
        }
        else
        {
            AddText(vector, input.Text.ToLowerInvariant());
        }

        var norm = MathF.Sqrt(vector.Sum(static v => v * v));
        if (norm < 1e-6f)
        {
            vector[0] = norm = 1;
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] /= norm;
        }

        return vector;
    }

    private static void AddText(float[] vector, string text)
    {
        for (var start = 0; start < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[start]))
            {
                start++;
                continue;
            }

            var end = start;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
            {
                end++;
            }

            var word = text.AsSpan(start, end - start);
            Add(vector, word, 1);
            for (var i = 0; i + 3 <= word.Length; i++)
            {
                Add(vector, word.Slice(i, 3), GroupWeight);
            }

            start = end;
        }

        // So that texts without any word differ too.
        Add(vector, text, GroupWeight);
    }

    private static void Add(float[] vector, ReadOnlySpan<char> feature, float weight)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in feature)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        // The low bits of this hash are weak: fold the high ones in.
        hash ^= hash >> 32;
        hash *= 0x9E3779B97F4A7C15UL;
        vector[(int)((hash >> 1) % (ulong)vector.Length)] += (hash & 1) == 0 ? weight : -weight;
    }

    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool base64)
    {
        if (base64)
        {
            var bytes = new byte[vector.Length * sizeof(float)];
            for (var i = 0; i < vector.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
            }

            json.WriteBase64String("embedding"u8, bytes);
            return;
        }

        json.WriteStartArray("embedding"u8);
        foreach (var value in vector)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
