using System.Text.Json;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Guarding;

/// <summary>Collects the texts of a request body that a provider would read: every string value below the prompt, tools and system members, in order.</summary>
internal static class PromptTexts
{
    /// <summary>All texts of a request: of a form those of its values, files not.</summary>
    public static List<string> Collect(RequestContext context) =>
        context.Form is null ? Collect(context.Body.Span)
        : [.. context.Form.Where(static p => !p.IsFile).Select(p => System.Text.Encoding.UTF8.GetString(context.Body.Span.Slice(p.Start, p.Length)))];

    /// <summary>All string values of a body that is known to be valid JSON.</summary>
    public static List<string> Collect(ReadOnlySpan<byte> body)
    {
        var texts = new List<string>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1024 });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                texts.Add(Decode(ref reader));
            }
        }

        return texts;
    }

    private static string Decode(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates and invalid UTF-8 pass through the gateway untouched; for matching they are replaced.
            return System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
