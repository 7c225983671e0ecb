using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Api;

/// <summary>What a request to create or change an entry starts from, and the secret it may have made.</summary>
internal sealed class ReadContext<TStored>(string? pathId, TStored? existing)
    where TStored : class
{
    /// <summary>Id in the address; null when the entry is being created.</summary>
    public string? PathId => pathId;

    /// <summary>The stored entry that is being changed; null when it is being created.</summary>
    public TStored? Existing => existing;

    /// <summary>A secret made for the new entry, shown in the answer and nowhere else.</summary>
    public string? ShowOnce { get; set; }
}

/// <summary>One kind of entry of the admin API: its names, its JSON, its rules.</summary>
internal abstract partial class ResourceType<TStored, TView>
    where TStored : class
    where TView : class
{
    /// <summary>Name of one, also its kind in the store.</summary>
    public abstract string Kind { get; }

    /// <summary>Name of many, also its section of documents.</summary>
    public abstract string Plural { get; }

    /// <summary>Its segment of the address.</summary>
    public virtual string Segment => Plural;

    /// <summary>The field that holds the id.</summary>
    public virtual string IdField => "id";

    /// <summary>Members of the answer that a request may echo.</summary>
    public virtual IReadOnlyList<string> ReadOnlyFields => [];

    public abstract JsonTypeInfo<TStored> StoredJson { get; }

    public abstract JsonTypeInfo<TView> ViewJson { get; }

    /// <summary>Type that describes the request body in the OpenAPI document.</summary>
    public virtual Type RequestType => typeof(TView);

    /// <summary>Type that describes the answer to a creation in the OpenAPI document.</summary>
    public virtual Type CreatedType => typeof(Resource<TView>);

    public abstract ImmutableSortedDictionary<string, Stored<TStored>> Table(ConfigState state);

    public abstract TView View(TStored stored);

    public abstract string IdOf(TStored stored);

    /// <summary>Reads and checks one entry; errors go to the reader, and then the result is not used.</summary>
    public abstract TStored Read(ObjectReader reader, ReadContext<TStored> context);

    /// <summary>Checks that what the entry names exists.</summary>
    public virtual void CheckReferences(TStored stored, EffectiveConfig config, FieldErrors errors)
    {
    }

    /// <summary>Stored entries that name this one, for example <c>route 'gpt'</c>.</summary>
    public virtual IEnumerable<string> Referrers(string id, ConfigState state) => [];

    /// <summary>Entries of this kind that are in force without being stored.</summary>
    public virtual IEnumerable<KeyValuePair<string, Unstored<TView>>> Unstored(Overlay overlay) => [];

    /// <summary>The entry's id: from the body, the address, or made.</summary>
    protected string ReadId(ObjectReader reader, ReadContext<TStored> context, bool made, int most = Formats.IdLength, Func<string, string?>? check = null)
    {
        var given = reader.Text(IdField, required: context.PathId is null && !made, most, check ?? Formats.Id);
        if (context.PathId is null)
        {
            return given ?? (made ? Keys.KeyMaterial.NewId(Kind) : "");
        }

        if (given is not null && given != context.PathId)
        {
            reader.Error(IdField, $"is '{given}', but the address says '{context.PathId}'. An id cannot be changed.");
        }

        return context.PathId;
    }
}
