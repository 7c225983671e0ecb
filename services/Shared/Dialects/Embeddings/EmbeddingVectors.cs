using System.Buffers.Binary;
using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Embeddings;

/// <summary>Vectors as numbers, or as base64 of little-endian 32-bit floats.</summary>
internal static class EmbeddingVectors
{
    /// <summary>Reads a vector in either form; null when it is none.</summary>
    public static float[]? Read(JsonElement? value)
    {
        if (value is not { } element)
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            var vector = new float[element.GetArrayLength()];
            var index = 0;
            foreach (var number in element.EnumerateArray())
            {
                if (number.Number() is not { } read)
                {
                    return null;
                }

                vector[index++] = (float)read;
            }

            return vector;
        }

        if (element.ValueKind != JsonValueKind.String || !element.TryGetBytesFromBase64(out var bytes) || bytes.Length % sizeof(float) != 0)
        {
            return null;
        }

        var decoded = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < decoded.Length; i++)
        {
            decoded[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return Array.TrueForAll(decoded, float.IsFinite) ? decoded : null;
    }

    /// <summary>Reads a list of vectors into <paramref name="answer"/>.</summary>
    /// <returns>False when one is none, or there are none.</returns>
    public static bool TryReadAll(IEnumerable<JsonElement?> vectors, EmbeddingAnswer answer)
    {
        foreach (var value in vectors)
        {
            if (Read(value) is not { } vector)
            {
                return false;
            }

            answer.Vectors.Add(vector);
        }

        return answer.Vectors.Count > 0;
    }

    /// <summary>Writes a vector as numbers.</summary>
    public static void Write(Utf8JsonWriter writer, float[] vector)
    {
        writer.WriteStartArray();
        foreach (var value in vector)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes a vector in base64.</summary>
    public static void WriteBase64(Utf8JsonWriter writer, float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        writer.WriteBase64StringValue(bytes);
    }
}
