using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Api;

/// <summary>A stored entry of any kind.</summary>
/// <param name="View">As the admin API gives it: without secrets.</param>
/// <param name="Body">As it lies in the store.</param>
/// <param name="Version">Configuration version of its last change.</param>
internal sealed record KindEntry(JsonObject View, string Body, long Version);

/// <summary>A kind of entry without its types, for what treats all kinds alike: audit, history, declarative apply.</summary>
internal interface IResourceKind
{
    /// <inheritdoc cref="ResourceType{TStored,TView}.Kind"/>
    string Kind { get; }

    /// <inheritdoc cref="ResourceType{TStored,TView}.Plural"/>
    string Plural { get; }

    /// <inheritdoc cref="ResourceType{TStored,TView}.IdField"/>
    string IdField { get; }

    /// <inheritdoc cref="ResourceType{TStored,TView}.ReadOnlyFields"/>
    IReadOnlyList<string> ReadOnlyFields { get; }

    /// <summary>A stored body as the admin API would give it.</summary>
    JsonObject View(string body);

    /// <summary>A stored body as the entry that it is.</summary>
    object Entry(string body);

    /// <summary>Ids of all stored entries, in order.</summary>
    IEnumerable<string> Ids(ConfigState state);

    /// <summary>A stored entry, or null.</summary>
    KindEntry? Find(ConfigState state, string id);

    /// <summary>
    /// The body to store for an entry as a request gives it; the present body when it says nothing new. Its references are not looked at. Errors go to
    /// <paramref name="errors"/>, and then the result is not used.
    /// </summary>
    /// <param name="entry">The entry, with its id in <see cref="IdField"/>.</param>
    /// <param name="id">The id.</param>
    /// <param name="state">What is stored.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="secret">A secret made for a new entry, to be shown once.</param>
    string Read(JsonElement entry, string id, ConfigState state, FieldErrors errors, out string? secret);

    /// <summary>Checks that what a stored entry names exists.</summary>
    void CheckReferences(string id, ConfigState state, Overlay overlay, FieldErrors errors);

    /// <summary>Stored entries that name this one.</summary>
    IEnumerable<string> Referrers(string id, ConfigState state);

    /// <summary>True when an entry of this id would be in force without being stored.</summary>
    bool IsUnstored(string id, Overlay overlay);

    /// <summary>The body to store to bring an earlier one back, or why that cannot be.</summary>
    (string? Body, string? Problem) Restore(string body, string id, ConfigState state);
}

/// <summary>All kinds of entries, as they were mapped.</summary>
internal sealed class ResourceRegistry
{
    private readonly Dictionary<string, IResourceKind> _byKind = new(StringComparer.Ordinal);

    /// <summary>The kinds in the order in which they were mapped.</summary>
    public IReadOnlyCollection<IResourceKind> All => _byKind.Values;

    public void Add(IResourceKind kind) => _byKind[kind.Kind] = kind;

    /// <summary>The kind of a name as in the store, or null.</summary>
    public IResourceKind? Find(string kind) => _byKind.GetValueOrDefault(kind);

    /// <summary>The kind of a name as in addresses, or null.</summary>
    public IResourceKind? FindPlural(string plural) => _byKind.Values.FirstOrDefault(k => k.Plural == plural);
}
