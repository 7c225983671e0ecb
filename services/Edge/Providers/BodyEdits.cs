using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Providers;

/// <summary>
/// Edits of a JSON body's top-level members: renamed, dropped, added where absent. Values are never parsed into anything: kept members are copied byte by byte.
/// </summary>
internal sealed class BodyEdits
{
    private readonly (byte[] From, string Name, byte[] ToJson, byte[] To)[] _renames;
    private readonly (byte[] Utf8, string Name)[] _drops;
    private readonly (byte[] Utf8, byte[] Member)[] _adds;

    private BodyEdits(IReadOnlyDictionary<string, string> renames, IEnumerable<string> drops, IEnumerable<(string Name, string Json)> adds)
    {
        _renames = [.. renames.Select(static r => (Encoding.UTF8.GetBytes(r.Key), r.Key, JsonName.Encode(r.Value), Encoding.UTF8.GetBytes(r.Value)))];
        _drops = [.. drops.Select(static d => (Encoding.UTF8.GetBytes(d), d))];
        _adds = [.. adds.Select(static a => (Encoding.UTF8.GetBytes(a.Name), (byte[])[.. JsonName.Encode(a.Name), (byte)':', .. Encoding.UTF8.GetBytes(a.Json)]))];
    }

    /// <summary>The edits, or null when there are none.</summary>
    /// <param name="renames">From the name in the body to the provider's.</param>
    /// <param name="drops">Members to leave out.</param>
    /// <param name="adds">Members to add where they are absent, with their JSON.</param>
    public static BodyEdits? Create(IReadOnlyDictionary<string, string> renames, IEnumerable<string> drops, IEnumerable<(string Name, string Json)> adds)
    {
        var edits = new BodyEdits(renames, drops, adds);
        return edits._renames.Length + edits._drops.Length + edits._adds.Length == 0 ? null : edits;
    }

    /// <summary>Applies the edits.</summary>
    /// <param name="body">A JSON object; anything else comes back as it is.</param>
    /// <returns>The edited body; <paramref name="body"/> itself when there was nothing to edit.</returns>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> body) => Apply(body, out _);

    /// <summary>Applies the edits.</summary>
    /// <param name="body">A JSON object; anything else comes back as it is.</param>
    /// <param name="dropped">The names of the members left out, or null when there are none.</param>
    /// <returns>The edited body; <paramref name="body"/> itself when there was nothing to edit.</returns>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> body, out IReadOnlyList<string>? dropped)
    {
        dropped = null;
        List<string>? left = null;
        var members = new List<Member>(16);
        if (!TryReadMembers(body.Span, members))
        {
            return body;
        }

        var changed = false;
        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        output.Write("{"u8);
        foreach (var member in members)
        {
            var name = body.Span[member.Name];
            if (Drop(name) is { } unwanted)
            {
                (left ??= []).Add(unwanted);
                changed = true;
                continue;
            }

            var rename = Rename(name);
            if (rename < 0)
            {
                Next(output);
                output.Write(body.Span[member.Whole]);
                continue;
            }

            changed = true;
            // A member that already has the provider's name says what the caller means; two of the same name would be ambiguous.
            if (!Contains(body.Span, members, _renames[rename].To))
            {
                Next(output);
                output.Write(_renames[rename].ToJson);
                output.Write(":"u8);
                output.Write(body.Span[member.Value]);
            }
        }

        foreach (var (name, member) in _adds)
        {
            if (!Contains(body.Span, members, name))
            {
                Next(output);
                output.Write(member);
                changed = true;
            }
        }

        output.Write("}"u8);
        dropped = left;
        return changed ? output.WrittenMemory : body;
    }

    private static bool TryReadMembers(ReadOnlySpan<byte> body, List<Member> members)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 512 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var start = (int)reader.TokenStartIndex;
                var nameLength = reader.ValueSpan.Length;
                reader.Read();
                var valueStart = (int)reader.TokenStartIndex;
                reader.Skip();
                var end = (int)reader.BytesConsumed;
                members.Add(new Member((start + 1)..(start + 1 + nameLength), start..end, valueStart..end));
            }

            return reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Contains(ReadOnlySpan<byte> body, List<Member> members, ReadOnlySpan<byte> name)
    {
        foreach (var member in members)
        {
            if (body[member.Name].SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    private static void Next(ArrayBufferWriter<byte> output)
    {
        if (output.WrittenCount > 1)
        {
            output.Write(","u8);
        }
    }

    private string? Drop(ReadOnlySpan<byte> name)
    {
        foreach (var (utf8, text) in _drops)
        {
            if (name.SequenceEqual(utf8))
            {
                return text;
            }
        }

        return null;
    }

    private int Rename(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _renames.Length; i++)
        {
            if (name.SequenceEqual(_renames[i].From))
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Member(Range Name, Range Whole, Range Value);
}
