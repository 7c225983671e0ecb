using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Embedding answers: unit vectors drawn from the seed and the text, so that equal texts are equal and others are far apart.</summary>
internal static class Embeddings
{
    public static void Write(Utf8Buffer to, AnswerPlan plan, JsonElement input, int dimensions, bool base64)
    {
        _ = to.Add("{\"object\":\"list\",\"data\":["u8);
        var index = 0;
        foreach (var text in Inputs(input))
        {
            _ = to.Add(index == 0 ? "{\"object\":\"embedding\",\"index\":" : ",{\"object\":\"embedding\",\"index\":").Add(index++).Add(",\"embedding\":"u8);
            var vector = Vector(plan.Behaviour.Seed, text, dimensions);
            if (base64)
            {
                _ = to.Add("\""u8).Add(Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan()))).Add("\""u8);
            }
            else
            {
                _ = to.Add("["u8).Add(string.Join(',', vector.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))).Add("]"u8);
            }

            _ = to.Add("}"u8);
        }

        _ = to.Add("],\"model\":\""u8).Add(plan.Model).Add("\""u8);
        if (plan.Behaviour.Usage)
        {
            _ = to.Add(",\"usage\":"u8);
            PlainAnswer.Usage(to, plan, 0);
        }

        PlainAnswer.Extra(to, plan);
        _ = to.Add("}"u8);
    }

    /// <summary>One text per vector: a string, each string of an array, an array of token ids, or each array of such.</summary>
    private static IEnumerable<string> Inputs(JsonElement input)
        => input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind != JsonValueKind.Number
            ? input.EnumerateArray().Select(Text)
            : [Text(input)];

    private static string Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();

    /// <summary>The unit vector of a text.</summary>
    public static float[] Vector(long seed, string text, int dimensions)
    {
        long hash = seed;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash = (long)Dice.Draw(hash, b);
        }

        var vector = new float[dimensions];
        var squares = 0.0;
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = (float)((Dice.Draw(hash, i) >> 11) * (2.0 / (1UL << 53)) - 1);
            squares += vector[i] * vector[i];
        }

        var length = (float)Math.Sqrt(squares);
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] /= length;
        }

        return vector;
    }
}
