using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.History;

/// <summary>An entry that a plan changes.</summary>
public sealed record PlannedChange
{
    /// <summary>Kind of the entry.</summary>
    public required string Kind { get; init; }

    /// <summary>Id of the entry.</summary>
    public required string Id { get; init; }

    /// <summary><c>create</c>, <c>change</c> or <c>delete</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Fields that differ, without secrets.</summary>
    public required IReadOnlyList<FieldChange> Changes { get; init; }

    /// <summary>True when a secret that is not shown changes too.</summary>
    public bool SecretChanges { get; init; }
}

/// <summary>Changes of many entries that belong together: worked out first, then checked as a whole, then made in one transaction or not at all.</summary>
internal sealed class ConfigPlan(ResourceRegistry kinds, ConfigState state, Overlay overlay)
{
    private readonly List<EntryWrite> _writes = [];
    private readonly List<PlannedChange> _changes = [];

    public FieldErrors Errors { get; } = new();

    public IReadOnlyList<EntryWrite> Writes => _writes;

    public IReadOnlyList<PlannedChange> Changes => _changes;

    /// <summary>What is stored before the plan.</summary>
    public ConfigState State => state;

    /// <summary>Plans an entry's body; nothing when it is as it is.</summary>
    public void Put(IResourceKind kind, string id, string body)
    {
        var current = kind.Find(state, id);
        if (current?.Body == body)
        {
            return;
        }

        Add(new EntryWrite(kind.Kind, id, body), current is null ? "create" : "change", kind, current, body);
    }

    /// <summary>Plans a deletion; nothing when the entry is not there.</summary>
    public void Delete(IResourceKind kind, string id)
    {
        if (kind.Find(state, id) is { } current)
        {
            Add(EntryWrite.Delete(kind.Kind, id), "delete", kind, current, null);
        }
    }

    /// <summary>Looks at what the entries name, in the state that the plan would lead to.</summary>
    public void Check()
    {
        var after = After();
        foreach (var write in _writes)
        {
            var kind = kinds.Find(write.Kind)!;
            var place = $"{kind.Plural}.{write.Id}";
            if (write.Body is not null)
            {
                var errors = new FieldErrors();
                kind.CheckReferences(write.Id, after, overlay, errors);
                foreach (var error in errors.All)
                {
                    Errors.Add($"{place}.{error.Field}", error.Message);
                }
            }
            else if (!kind.IsUnstored(write.Id, overlay) && kind.Referrers(write.Id, after).Take(20).ToList() is { Count: > 0 } referrers)
            {
                Errors.Add(place, $"would be deleted, but is referred to by {string.Join(", ", referrers)}.");
            }
        }
    }

    /// <summary>The state that the plan would lead to.</summary>
    public ConfigState After() => state.With(
        [.. _writes.Select(w => new EntryRow { Kind = w.Kind, Id = w.Id, Version = state.Version, Body = w.Body ?? "", Deleted = w.Body is null ? 1 : 0 })], state.Version);

    private void Add(EntryWrite write, string action, IResourceKind kind, KindEntry? current, string? body)
    {
        _writes.Add(write);
        _changes.Add(new PlannedChange
        {
            Kind = write.Kind,
            Id = write.Id,
            Action = action,
            Changes = EntryDiff.Between(current is null ? null : Redaction.Of(current.View), body is null ? null : Redaction.Of(kind.View(body))),
            SecretChanges = body is not null && Redaction.SecretsOf(body) != Redaction.SecretsOf(current?.Body),
        });
    }
}
