using System.Text.Json.Nodes;
using Gateway.ApplyDocuments;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.History;
using Gateway.Governance.Providers;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Declarative;

/// <summary>How a document is applied.</summary>
/// <param name="DryRun">Write nothing.</param>
/// <param name="Prune">Delete what this owner applied before and the document no longer names, of the kinds that it has sections for.</param>
/// <param name="TakeOver">Also change entries that another owner applied.</param>
internal sealed record ApplyOptions(bool DryRun, bool Prune, bool TakeOver);

/// <summary>Makes the stored configuration what a document says, in one transaction or not at all.</summary>
internal sealed class ApplyService(ConfigStore store, ResourceRegistry kinds, OverlayService overlay)
{
    public const string DefaultOwner = "default";
    private const string NewestChange = "SELECT MAX(version) FROM config_entries";
    private static readonly string[] Heads = ["version", "owner"];

    public async Task<(ApplyReport? Report, long Tag, Problem? Refused)> ApplyAsync(
        YamlDocument document, ApplyOptions options, EntityTag.Condition condition, CancellationToken cancellation)
    {
        ApplyReport? report = null;
        long tag = 0;
        var outcome = await store.ChangeAsync(
            async (state, session) =>
            {
                tag = await session.ScalarAsync<long?>(NewestChange).ConfigureAwait(false) ?? 0;
                if (!condition.Allows(tag))
                {
                    return ConfigChange.Refuse(Problem.Changed(tag));
                }

                var run = new ApplyRun(kinds, new ConfigPlan(kinds, state, overlay.Current), document, options, await OwnersAsync(session).ConfigureAwait(false));
                run.Plan();
                if (run.Errors.Any)
                {
                    return ConfigChange.Refuse(Refusal(run.Errors, document));
                }

                report = run.Report();
                if (options.DryRun)
                {
                    return ConfigChange.None;
                }

                var owned = await WriteOwnersAsync(session, run).ConfigureAwait(false);
                return run.Writes.Count > 0 ? ConfigChange.Of(run.Writes) with { Via = $"apply by {run.Owner}" } : owned ? ConfigChange.Of() : ConfigChange.None;
            },
            cancellation).ConfigureAwait(false);
        if (outcome.Refused is not null)
        {
            return (null, 0, outcome.Refused);
        }

        return (report! with { Version = outcome.State.Version }, !options.DryRun && report!.Changes.Count > 0 ? outcome.State.Version : tag, null);
    }

    /// <summary>The stored configuration as a document.</summary>
    /// <param name="owner">Only what this owner applied; null: everything.</param>
    /// <param name="sections">Only these kinds; empty: all.</param>
    /// <param name="database">The store.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<(JsonObject Document, long Tag)> ExportAsync(string? owner, IReadOnlyList<string> sections, Database database, CancellationToken cancellation)
    {
        var state = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        var (owners, tag) = await database.ReadAsync(
            async s => (await OwnersAsync(s).ConfigureAwait(false), await s.ScalarAsync<long?>(NewestChange).ConfigureAwait(false) ?? 0), cancellation).ConfigureAwait(false);
        var document = new JsonObject { ["version"] = 1 };
        if (owner is not null)
        {
            document["owner"] = owner;
        }

        foreach (var kind in kinds.All.Where(k => sections.Count == 0 || sections.Contains(k.Plural)))
        {
            var section = new JsonObject();
            foreach (var id in kind.Ids(state).Where(id => owner is null || owners.GetValueOrDefault((kind.Kind, id)) == owner))
            {
                var view = kind.Find(state, id)!.View;
                view.Remove(kind.IdField);
                foreach (var computed in kind.ReadOnlyFields)
                {
                    view.Remove(computed);
                }

                section[id] = view;
            }

            if (kind.Kind == EntryKinds.Settings)
            {
                document[kind.Plural] = section.FirstOrDefault().Value?.DeepClone();
            }
            else if (section.Count > 0)
            {
                document[kind.Plural] = section;
            }
        }

        if (document["settings"] is null)
        {
            document.Remove("settings");
        }

        return (document, tag);
    }

    private static async Task<Dictionary<(string Kind, string Id), string>> OwnersAsync(DbSession session)
        => (await session.QueryAsync<OwnerRow>("SELECT kind, id, owner FROM config_owners").ConfigureAwait(false)).ToDictionary(r => (r.Kind, r.Id), r => r.Owner);

    private static async Task<bool> WriteOwnersAsync(DbSession session, ApplyRun run)
    {
        foreach (var (kind, id) in run.Taken)
        {
            await session.ExecuteAsync(
                "INSERT INTO config_owners (kind, id, owner) VALUES (@kind, @id, @Owner) ON CONFLICT (kind, id) DO UPDATE SET owner = excluded.owner", new { kind, id, run.Owner }).ConfigureAwait(false);
        }

        foreach (var write in run.Writes.Where(w => w.Body is null))
        {
            await session.ExecuteAsync("DELETE FROM config_owners WHERE kind = @Kind AND id = @Id", new { write.Kind, write.Id }).ConfigureAwait(false);
        }

        return run.Taken.Count > 0;
    }

    private static Problem Refusal(FieldErrors errors, YamlDocument document) => new()
    {
        Status = 400,
        Title = "Some fields are not valid.",
        Code = "invalid_fields",
        Detail = $"{errors.All.Count} place(s) of the document are wrong; see errors. Nothing was changed.",
        Errors = [.. errors.All.Select(e => e with { Line = document.LineOf(e.Field) is > 0 and var line ? line : null }).OrderBy(e => e.Line ?? int.MaxValue)],
    };

    /// <summary>What a document may have besides sections.</summary>
    public static bool IsHead(string name) => Heads.Contains(name);

    private sealed class OwnerRow
    {
        public required string Kind { get; init; }

        public required string Id { get; init; }

        public required string Owner { get; init; }
    }
}
