using System.Text.Json;

namespace Gateway.Edge.Operations;

/// <summary>The text of a request for speech.</summary>
internal static class SpokenText
{
    /// <summary>Characters of the member <c>input</c> of a body that is known to be a JSON object.</summary>
    public static long Length(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1024 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isInput = reader.ValueTextEquals("input"u8);
            reader.Read();
            if (isInput)
            {
                return reader.TokenType == JsonTokenType.String ? Characters(ref reader) : 0;
            }

            reader.Skip();
        }

        return 0;
    }

    private static long Characters(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueIsEscaped ? reader.GetString()!.EnumerateRunes().Count() : Runes(reader.ValueSpan);
        }
        catch (InvalidOperationException)
        {
            return reader.ValueSpan.Length;
        }
    }

    // Every byte of UTF-8 that does not continue a character begins one.
    private static long Runes(ReadOnlySpan<byte> utf8)
    {
        var count = 0L;
        foreach (var b in utf8)
        {
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
