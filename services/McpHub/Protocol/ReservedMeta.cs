using System.Text.Json;

namespace Gateway.McpHub.Protocol;

/// <summary>
/// Members that begin with <c>gateway/</c>, of any <c>_meta</c> and of the <c>data</c> of an error, are the hub's own words. Whoever else uses them would speak with the hub's voice: say that a call was refused, or what
/// it cost, and it would not be charged.
/// </summary>
internal static class ReservedMeta
{
    private static ReadOnlySpan<byte> Prefix => "gateway/"u8;

    /// <summary>A value without such members, at whatever depth; all else keeps its bytes.</summary>
    /// <param name="json">The value.</param>
    /// <param name="isError">Whether it is the error of an answer.</param>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> json, bool isError = false)
    {
        // Nearly nothing has them. A name may be written with escapes.
        return json.Span.IndexOf("gateway"u8) < 0 && json.Span.IndexOf("\\u"u8) < 0 ? json : Strip(json, isError);
    }

    private static ReadOnlyMemory<byte> Strip(ReadOnlyMemory<byte> json, bool isError)
    {
        var all = json.Span;
        byte[]? kept = null;
        var (length, taken) = (0, 0);
        Span<bool> isMeta = stackalloc bool[JsonBytes.MaxDepth + 2];
        var isNext = false;
        var reader = new Utf8JsonReader(all, JsonBytes.Options);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    isMeta[reader.CurrentDepth + 1] = isNext && reader.TokenType == JsonTokenType.StartObject;
                    isNext = false;
                    break;
                case JsonTokenType.PropertyName when isMeta[reader.CurrentDepth] && IsReserved(ref reader):
                    var start = (int)reader.TokenStartIndex;
                    reader.Read();
                    reader.Skip();
                    kept ??= new byte[all.Length];
                    Keep(all[taken..start], kept, ref length);
                    taken = AfterComma(all, (int)reader.BytesConsumed, out var hasComma);
                    length = hasComma ? length : BeforeComma(kept, length);
                    isNext = false;
                    break;
                case JsonTokenType.PropertyName:
                    isNext = Is(ref reader, Meta.Name) || (isError && reader.CurrentDepth == 1 && Is(ref reader, "data"u8));
                    break;
                default:
                    isNext = false;
                    break;
            }
        }

        if (kept is null)
        {
            return json;
        }

        Keep(all[taken..], kept, ref length);
        return kept.AsMemory(0, length);
    }

    private static bool IsReserved(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.StartsWith(Prefix);
        }

        Span<byte> name = reader.ValueSpan.Length <= 512 ? stackalloc byte[reader.ValueSpan.Length] : new byte[reader.ValueSpan.Length];
        try
        {
            return name[..reader.CopyString(name)].StartsWith(Prefix);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no name that anybody can mean, and none is lost.
            return true;
        }
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return false;
        }
    }

    private static void Keep(ReadOnlySpan<byte> piece, byte[] kept, ref int length)
    {
        piece.CopyTo(kept.AsSpan(length));
        length += piece.Length;
    }

    private static int AfterComma(ReadOnlySpan<byte> all, int at, out bool hasComma)
    {
        var rest = all[at..].IndexOfAnyExcept(" \t\r\n"u8);
        hasComma = rest >= 0 && all[at + rest] == (byte)',';
        return hasComma ? at + rest + 1 : at;
    }

    // The last member of its object: the comma before it goes with it.
    private static int BeforeComma(ReadOnlySpan<byte> kept, int length)
    {
        var before = kept[..length].LastIndexOfAnyExcept(" \t\r\n"u8);
        return before >= 0 && kept[before] == (byte)',' ? before : length;
    }
}
