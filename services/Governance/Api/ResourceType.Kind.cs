using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Api;

internal abstract partial class ResourceType<TStored, TView> : IResourceKind
{
    private static readonly string[] MetaFields = ["source", "version", "createdAt", "updatedAt"];

    /// <summary>True when both are the same to people, although the stored text may differ, as that of a secret sealed twice does.</summary>
    protected virtual bool IsSame(TStored one, TStored other) => Text(one) == Text(other);

    /// <summary>An earlier version brought back over what is there now, or why that cannot be. Secrets that were withdrawn must stay withdrawn.</summary>
    protected virtual (TStored? Entry, string? Problem) Restored(TStored earlier, TStored? current) => (earlier, null);

    JsonObject IResourceKind.View(string body) => Shown(Parsed(body));

    object IResourceKind.Entry(string body) => Parsed(body);

    IEnumerable<string> IResourceKind.Ids(ConfigState state) => Table(state).Keys;

    KindEntry? IResourceKind.Find(ConfigState state, string id)
        => Table(state).TryGetValue(id, out var stored) ? new KindEntry(Shown(stored.Value), Text(stored.Value), stored.Version) : null;

    string IResourceKind.Read(JsonElement entry, string id, ConfigState state, FieldErrors errors, out string? secret)
    {
        var current = Table(state).GetValueOrDefault(id)?.Value;
        var context = new ReadContext<TStored>(null, current);
        var reader = new ObjectReader(entry, "", errors);
        reader.Ignore(MetaFields);
        reader.Ignore([.. ReadOnlyFields]);
        var read = Read(reader, context);
        reader.Close();
        secret = context.ShowOnce;
        return current is not null && !errors.Any && IsSame(current, read) ? Text(current) : Text(read);
    }

    void IResourceKind.CheckReferences(string id, ConfigState state, Overlay overlay, FieldErrors errors)
    {
        if (Table(state).TryGetValue(id, out var stored))
        {
            CheckReferences(stored.Value, new EffectiveConfig(state, overlay), errors);
        }
    }

    bool IResourceKind.IsUnstored(string id, Overlay overlay) => Unstored(overlay).Any(e => e.Key == id);

    (string? Body, string? Problem) IResourceKind.Restore(string body, string id, ConfigState state)
    {
        var (earlier, current) = (Parsed(body), Table(state).GetValueOrDefault(id)?.Value);
        if (current is not null && IsSame(earlier, current))
        {
            return (Text(current), null);
        }

        var (entry, problem) = Restored(earlier, current);
        return (entry is null ? null : Text(entry), problem);
    }

    private TStored Parsed(string body)
        => JsonSerializer.Deserialize(body, DefaultingJson.For<TStored>()) ?? throw new JsonException($"A stored {Kind} is null.");

    private string Text(TStored stored) => JsonSerializer.Serialize(stored, StoredJson);

    private JsonObject Shown(TStored stored) => JsonSerializer.SerializeToNode(View(stored), ViewJson)!.AsObject();
}
