using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Mcp.Pins;

/// <summary>What differs between two definitions of a tool.</summary>
public static class DefinitionDiff
{
    /// <summary>Most differences that are told.</summary>
    public const int Most = 200;

    /// <summary>Most characters of one side of a difference.</summary>
    public const int MostText = 8_000;

    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The differences in the members that count, in the order of their places; at most <see cref="Most"/>.</summary>
    /// <param name="before">The earlier definition.</param>
    /// <param name="after">The later one.</param>
    public static IReadOnlyList<DefinitionChange> Between(JsonElement before, JsonElement after)
    {
        var changes = new List<DefinitionChange>();
        foreach (var member in ToolFingerprint.Members)
        {
            Compare(member, Member(before, member), Member(after, member), changes);
        }

        return changes;
    }

    private static void Compare(string path, JsonElement? before, JsonElement? after, List<DefinitionChange> changes)
    {
        if (changes.Count >= Most || (before is null && after is null))
        {
            return;
        }

        if (before is { ValueKind: JsonValueKind.Object } one && after is { ValueKind: JsonValueKind.Object } other)
        {
            foreach (var name in one.EnumerateObject().Concat(other.EnumerateObject()).Select(static m => m.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                Compare(path + "." + HiddenText.Shown(name), Member(one, name), Member(other, name), changes);
            }

            return;
        }

        if (before is { ValueKind: JsonValueKind.Array } ones && after is { ValueKind: JsonValueKind.Array } others && ones.EnumerateArray().Any(IsDeep))
        {
            for (var i = 0; i < Math.Max(ones.GetArrayLength(), others.GetArrayLength()); i++)
            {
                Compare(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), Item(ones, i), Item(others, i), changes);
            }

            return;
        }

        if (before is not { } was || after is not { } now || !CanonicalJson.Of(w => CanonicalJson.Write(w, was)).AsSpan().SequenceEqual(CanonicalJson.Of(w => CanonicalJson.Write(w, now))))
        {
            changes.Add(new DefinitionChange(path, Shown(before), Shown(after)));
        }
    }

    private static bool IsDeep(JsonElement element) => element.ValueKind is JsonValueKind.Object or JsonValueKind.Array;

    private static JsonElement? Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? Item(JsonElement array, int index) => index < array.GetArrayLength() ? array[index] : null;

    private static string? Shown(JsonElement? element)
    {
        if (element is not { } value)
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : Written(value);
        text = HiddenText.Shown(text);
        return text.Length <= MostText ? text : text[..MostText] + "…";
    }

    private static string Written(JsonElement value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _readable))
        {
            value.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
