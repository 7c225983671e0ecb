using System.Text;
using System.Text.Json;
using Gateway.Edge.Guarding;

namespace Gateway.Edge.Passthrough;

/// <summary>The texts of a body of any kind: the strings of JSON, of JSON lines also within a form, and else all of it.</summary>
internal static class BodyTexts
{
    public static List<string> Collect(ReadOnlySpan<byte> body)
    {
        if (TryCollect(body, out var texts))
        {
            return texts;
        }

        texts = [Encoding.UTF8.GetString(body)];
        foreach (var range in body.Split((byte)'\n'))
        {
            // Escapes would hide a term from a look at the line itself.
            var line = body[range].Trim(" \t\r"u8);
            if (line.Length > 1 && line[0] is (byte)'{' or (byte)'[' && TryCollect(line, out var strings))
            {
                texts.AddRange(strings);
            }
        }

        return texts;
    }

    private static bool TryCollect(ReadOnlySpan<byte> json, out List<string> texts)
    {
        try
        {
            texts = PromptTexts.Collect(json);
            return json.Length > 0;
        }
        catch (JsonException)
        {
            texts = [];
            return false;
        }
    }
}
