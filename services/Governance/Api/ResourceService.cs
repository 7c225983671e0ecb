using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Governance.Access;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Api;

/// <summary>An entry ready to be sent.</summary>
internal sealed record Answer(JsonObject Body, long? Version, string Id);

/// <summary>Reads, creates, changes and deletes entries of any kind by the rules of its <see cref="ResourceType{TStored,TView}"/>.</summary>
internal sealed class ResourceService(ConfigStore store, OverlayService overlay, AccessGuard guard)
{
    private static readonly string[] MetaFields = ["source", "version", "createdAt", "updatedAt"];

    public async Task<(IReadOnlyList<Answer> Items, string? Next)> ListAsync<TStored, TView>(
        ResourceType<TStored, TView> type, int limit, string? after, CancellationToken cancellation, Func<ConfigState, Func<TStored, bool>>? select = null)
        where TStored : class
        where TView : class
    {
        var state = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        var table = type.Table(state);
        var selects = select?.Invoke(state) ?? (static _ => true);
        var sees = guard.Sees(type.Kind, state);
        var stored = table.Where(e => IsAfter(e.Key) && sees(e.Value.Value) && selects(e.Value.Value)).Take(limit + 1).Select(e => Show(type, e.Key, e.Value));
        var unstored = type.Unstored(overlay.Current).Where(e => IsAfter(e.Key) && !table.ContainsKey(e.Key)).Take(limit + 1).Select(e => Show(type, e.Key, e.Value));
        var found = stored.Concat(unstored).OrderBy(a => a.Id, StringComparer.Ordinal).Take(limit + 1).ToList();
        return found.Count > limit ? (found[..limit], found[limit - 1].Id) : (found, null);

        bool IsAfter(string id) => after is null || string.CompareOrdinal(id, after) > 0;
    }

    public async Task<Answer?> FindAsync<TStored, TView>(ResourceType<TStored, TView> type, string id, CancellationToken cancellation)
        where TStored : class
        where TView : class
    {
        if (type.Table(await store.CurrentAsync(cancellation).ConfigureAwait(false)).TryGetValue(id, out var stored))
        {
            return Show(type, id, stored);
        }

        return type.Unstored(overlay.Current).Where(e => e.Key == id).Select(e => Show(type, id, e.Value)).FirstOrDefault();
    }

    public async Task<(Answer? Answer, Problem? Refused)> CreateAsync<TStored, TView>(
        ResourceType<TStored, TView> type, JsonElement body, CancellationToken cancellation)
        where TStored : class
        where TView : class
    {
        var id = "";
        string? secret = null;
        var outcome = await store.ChangeAsync(
            state =>
            {
                var context = new ReadContext<TStored>(null, null);
                var errors = new FieldErrors();
                var entry = Read(type, body, context, state, errors);
                if (errors.Any)
                {
                    return ConfigChange.Refuse(Problem.Invalid(errors.All));
                }

                (id, secret) = (type.IdOf(entry), context.ShowOnce);
                return guard.Refuse(type.Kind, AccessAction.Create, null, entry, state) is { } forbidden ? ConfigChange.Refuse(forbidden)
                    : type.Table(state).ContainsKey(id) ? ConfigChange.Refuse(Problem.Exists(type.Kind, id))
                    : ConfigChange.Of(EntryWrite.Put(type.Kind, id, entry, type.StoredJson));
            },
            cancellation).ConfigureAwait(false);
        return Answered(type, outcome, id, secret);
    }

    /// <summary>Replaces an entry, or merges into it (RFC 7396) when <paramref name="merge"/> is true.</summary>
    public Task<(Answer? Answer, Problem? Refused)> ChangeAsync<TStored, TView>(
        ResourceType<TStored, TView> type, string id, JsonElement body, bool merge, EntityTag.Condition condition, CancellationToken cancellation)
        where TStored : class
        where TView : class
        => ChangeAsync(type, id, condition, (current, state, errors, context) =>
        {
            var input = merge ? JsonMergePatch.Apply(JsonSerializer.SerializeToElement(type.View(current), type.ViewJson), body) : body;
            return Read(type, input, context, state, errors);
        }, cancellation);

    /// <summary>Changes an entry by code.</summary>
    public async Task<(Answer? Answer, Problem? Refused)> ChangeAsync<TStored, TView>(
        ResourceType<TStored, TView> type,
        string id,
        EntityTag.Condition condition,
        Func<TStored, ConfigState, FieldErrors, ReadContext<TStored>, TStored> change,
        CancellationToken cancellation)
        where TStored : class
        where TView : class
    {
        string? secret = null;
        var outcome = await store.ChangeAsync(
            state =>
            {
                if (Missing(type, id, condition, state, out var current) is { } refused)
                {
                    return ConfigChange.Refuse(refused);
                }

                var context = new ReadContext<TStored>(id, current!.Value);
                var errors = new FieldErrors();
                var entry = change(current.Value, state, errors, context);
                secret = context.ShowOnce;
                return errors.Any ? ConfigChange.Refuse(Problem.Invalid(errors.All))
                    : guard.Refuse(type.Kind, AccessAction.Change, current.Value, entry, state) is { } forbidden ? ConfigChange.Refuse(forbidden)
                    : ConfigChange.Of(EntryWrite.Put(type.Kind, id, entry, type.StoredJson));
            },
            cancellation).ConfigureAwait(false);
        return Answered(type, outcome, id, secret);
    }

    public async Task<Problem?> DeleteAsync<TStored, TView>(
        ResourceType<TStored, TView> type, string id, EntityTag.Condition condition, CancellationToken cancellation)
        where TStored : class
        where TView : class
    {
        var outcome = await store.ChangeAsync(
            state =>
            {
                if (Missing(type, id, condition, state, out var current) is { } refused)
                {
                    return ConfigChange.Refuse(refused);
                }

                if (guard.Refuse(type.Kind, AccessAction.Delete, current!.Value, null, state) is { } forbidden)
                {
                    return ConfigChange.Refuse(forbidden);
                }

                // An unstored entry of the same id takes its place, so nothing would be left dangling.
                var isReplaced = type.Unstored(overlay.Current).Any(e => e.Key == id);
                var referrers = isReplaced ? [] : type.Referrers(id, state).Take(20).ToList();
                return referrers.Count > 0
                    ? ConfigChange.Refuse(Problem.InUse(type.Kind, id, referrers))
                    : ConfigChange.Of(EntryWrite.Delete(type.Kind, id));
            },
            cancellation).ConfigureAwait(false);
        return outcome.Refused;
    }

    private Problem? Missing<TStored, TView>(
        ResourceType<TStored, TView> type, string id, EntityTag.Condition condition, ConfigState state, out Stored<TStored>? current)
        where TStored : class
        where TView : class
    {
        if (type.Table(state).TryGetValue(id, out current))
        {
            return condition.Allows(current.Version) ? null : Problem.Changed(current.Version);
        }

        var unstored = type.Unstored(overlay.Current).Where(e => e.Key == id).Select(e => e.Value.Source).FirstOrDefault();
        return unstored is null ? Problem.NotFound(type.Kind, id) : Problem.NotStored(type.Kind, id, unstored);
    }

    /// <summary>Reads and checks an entry against a state; what is wrong goes to <paramref name="errors"/>, and then the result is not to be used.</summary>
    public TStored Read<TStored, TView>(ResourceType<TStored, TView> type, JsonElement body, ReadContext<TStored> context, ConfigState state, FieldErrors errors)
        where TStored : class
        where TView : class
    {
        var reader = new ObjectReader(body, "", errors);
        reader.Ignore(MetaFields);
        reader.Ignore([.. type.ReadOnlyFields]);
        var entry = type.Read(reader, context);
        reader.Close();
        if (!errors.Any)
        {
            guard.CheckReferences(context.Existing, entry, state, errors);
        }

        // Only then: what the kind says of a reference must not tell that something hidden is there.
        if (!errors.Any)
        {
            type.CheckReferences(entry, new EffectiveConfig(state, overlay.Current), errors);
        }

        return entry;
    }

    private static (Answer? Answer, Problem? Refused) Answered<TStored, TView>(
        ResourceType<TStored, TView> type, ConfigOutcome outcome, string id, string? secret)
        where TStored : class
        where TView : class
    {
        if (outcome.Refused is not null)
        {
            return (null, outcome.Refused);
        }

        var answer = Show(type, id, type.Table(outcome.State)[id]);
        if (secret is not null)
        {
            answer.Body["key"] = secret;
        }

        return (answer, null);
    }

    private static Answer Show<TStored, TView>(ResourceType<TStored, TView> type, string id, Stored<TStored> stored)
        where TStored : class
        where TView : class
    {
        var body = JsonSerializer.SerializeToNode(type.View(stored.Value), type.ViewJson)!.AsObject();
        body["source"] = "stored";
        body["version"] = stored.Version;
        body["createdAt"] = stored.CreatedAt;
        body["updatedAt"] = stored.UpdatedAt;
        return new Answer(body, stored.Version, id);
    }

    private static Answer Show<TStored, TView>(ResourceType<TStored, TView> type, string id, Unstored<TView> unstored)
        where TStored : class
        where TView : class
    {
        var body = JsonSerializer.SerializeToNode(unstored.Value, type.ViewJson)!.AsObject();
        body["source"] = unstored.Source;
        return new Answer(body, null, id);
    }
}
