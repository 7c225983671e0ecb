using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Credentials;

/// <summary>The key ring as it lies on disk.</summary>
/// <param name="Current">The key that seals.</param>
/// <param name="Keys">All keys, 32 bytes each.</param>
internal sealed record KeyRingFile(string Current, IReadOnlyDictionary<string, byte[]> Keys)
{
    private const int KeyBytes = 32;

    /// <summary>When keys were made, as far as it is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, DateTimeOffset>? Made { get; init; }

    /// <summary>The ring of a file's text, or null when it is damaged.</summary>
    public static KeyRingFile? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, KeyRingJson.Default.KeyRingFile) is { Current: not null, Keys: not null } file
                && file.Keys.ContainsKey(file.Current) && file.Keys.Values.All(k => k is { Length: KeyBytes })
                    ? file
                    : null;
        }
        catch (JsonException)
        {
            // The parser's message could quote a key.
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(this, KeyRingJson.Default.KeyRingFile);

    /// <summary>This ring with one more key, which seals from now on.</summary>
    public KeyRingFile With(string id, byte[] key, DateTimeOffset made) => Keys.ContainsKey(id) ? this : this with
    {
        Current = id,
        Keys = new Dictionary<string, byte[]>(Keys) { [id] = key },
        Made = new Dictionary<string, DateTimeOffset>(Made ?? new Dictionary<string, DateTimeOffset>()) { [id] = made },
    };

    /// <summary>This ring without a key that does not seal.</summary>
    public KeyRingFile Without(string id) => id == Current || !Keys.ContainsKey(id) ? this : this with
    {
        Keys = Keys.Where(k => k.Key != id).ToDictionary(),
        Made = Made?.Where(m => m.Key != id).ToDictionary(),
    };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(KeyRingFile))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
