using System.Text.Json;

namespace Gateway.Edge.Caching.Keys;

/// <summary>Writes a request's body so that bodies which mean the same have the same bytes: members in order of their names, numbers normalised, strings untouched.</summary>
internal static class CanonicalRequest
{
    private const int FewMembers = 64;

    /// <summary>Writes a body.</summary>
    /// <param name="tokens">The body.</param>
    /// <param name="ignored">Members of the body itself that are left out.</param>
    /// <param name="hole">A value whose place is marked and which is left out, or -1.</param>
    /// <param name="output">Takes what is written.</param>
    public static void Write(in RequestTokens tokens, IgnoredMembers ignored, int hole, ref HashText output) => WriteObject(tokens, 0, ignored, hole, ref output);

    private static void WriteValue(in RequestTokens tokens, int index, int hole, ref HashText output)
    {
        if (index == hole)
        {
            output.Tag((byte)'?');
            return;
        }

        ref readonly var token = ref tokens[index];
        switch (token.Type)
        {
            case JsonTokenType.StartObject:
                WriteObject(tokens, index, null, hole, ref output);
                break;
            case JsonTokenType.StartArray:
                output.Tag((byte)'[');
                for (var i = index + 1; i < token.Next; i = tokens.After(i))
                {
                    WriteValue(tokens, i, hole, ref output);
                }

                output.Tag((byte)']');
                break;
            case JsonTokenType.String:
                output.Piece(token.IsRaw ? (byte)'r' : (byte)'s', tokens.Bytes(token));
                break;
            case JsonTokenType.Number:
                output.JsonNumber(tokens.Bytes(token));
                break;
            case JsonTokenType.True:
                output.Tag((byte)'1');
                break;
            case JsonTokenType.False:
                output.Tag((byte)'0');
                break;
            default:
                output.Tag((byte)'-');
                break;
        }
    }

    private static void WriteObject(in RequestTokens tokens, int index, IgnoredMembers? ignored, int hole, ref HashText output)
    {
        var count = 0;
        var end = tokens[index].Next;
        for (var i = index + 1; i < end; i = tokens.After(i + 1))
        {
            count++;
        }

        Span<int> names = count <= FewMembers ? stackalloc int[FewMembers] : new int[count];
        count = 0;
        for (var i = index + 1; i < end; i = tokens.After(i + 1))
        {
            if (ignored is null || !ignored.Has(tokens.Bytes(tokens[i])))
            {
                names[count++] = i;
            }
        }

        Sort(tokens, names[..count]);
        output.Tag((byte)'{');
        output.Number(count);
        foreach (var name in names[..count])
        {
            output.Piece(tokens[name].IsRaw ? (byte)'R' : (byte)'N', tokens.Bytes(tokens[name]));
            WriteValue(tokens, name + 1, hole, ref output);
        }
    }

    // Members of the same name keep their order: which of them counts is the provider's to decide.
    private static void Sort(in RequestTokens tokens, Span<int> names)
    {
        if (names.Length > FewMembers)
        {
            SortMany(tokens, names);
            return;
        }

        for (var i = 1; i < names.Length; i++)
        {
            var moved = names[i];
            var bytes = tokens.Bytes(tokens[moved]);
            var at = i;
            while (at > 0 && tokens.Bytes(tokens[names[at - 1]]).SequenceCompareTo(bytes) > 0)
            {
                names[at] = names[at - 1];
                at--;
            }

            names[at] = moved;
        }
    }

    private static void SortMany(in RequestTokens tokens, Span<int> names)
    {
        var keys = new (byte[] Name, int Place)[names.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (tokens.Bytes(tokens[names[i]]).ToArray(), names[i]);
        }

        Array.Sort(keys, static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name) is var order and not 0 ? order : a.Place.CompareTo(b.Place));
        for (var i = 0; i < keys.Length; i++)
        {
            names[i] = keys[i].Place;
        }
    }
}
