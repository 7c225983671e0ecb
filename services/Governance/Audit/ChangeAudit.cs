using System.Text.Json.Nodes;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Audit;

/// <summary>Writes the rows of configuration changes: what it was before and after, without secrets.</summary>
internal sealed class ChangeAudit(AuditLog log, ResourceRegistry kinds) : IChangeRecorder
{
    private const int MostHops = 3;

    public Task RecordAsync(DbSession session, RecordedChange change) => log.AppendAsync(session, [.. change.Change.Writes.SelectMany(w => Events(w, change))]);

    private IEnumerable<AuditEvent> Events(EntryWrite write, RecordedChange change)
    {
        var kind = kinds.Find(write.Kind);
        var before = kind?.Find(change.Before, write.Id);
        var after = kind is not null && write.Body is not null ? kind.View(write.Body) : null;
        var detail = new JsonObject { ["version"] = change.Version };
        if (change.Change.Via is { } via)
        {
            detail["via"] = via;
        }

        if (before is not null)
        {
            detail["before"] = Redaction.Of(before.View);
        }

        if (after is not null)
        {
            detail["after"] = Redaction.Of(after);
        }

        var isNewSecret = write.Body is not null && Redaction.SecretsOf(write.Body) != Redaction.SecretsOf(before?.Body);
        if (isNewSecret)
        {
            detail["secretChanged"] = true;
        }

        var chain = AuditEvent.ChainOf(CustomerOf(write.Kind, write.Id, after ?? before?.View, change.Before, MostHops));
        yield return new AuditEvent(write.Body is null ? "delete" : before is null ? "create" : "change")
        {
            Chain = chain,
            Kind = write.Kind,
            EntryId = write.Id,
            Detail = detail,
        };
        if (isNewSecret && write.Kind == EntryKinds.Key)
        {
            yield return new AuditEvent("key.reveal") { Chain = chain, Kind = write.Kind, EntryId = write.Id };
        }
    }

    /// <summary>The customer that an entry belongs to, by itself or by its team or user.</summary>
    private string? CustomerOf(string kind, string id, JsonObject? view, ConfigState state, int hops)
    {
        if (kind == "customer")
        {
            return id;
        }

        if (view is null || hops == 0)
        {
            return null;
        }

        return Text(view, "customerId") ?? Through("team", "teamId") ?? Through("user", "userId");

        string? Through(string above, string field)
            => Text(view, field) is { } named ? CustomerOf(above, named, kinds.Find(above)?.Find(state, named)?.View, state, hops - 1) : null;
    }

    private static string? Text(JsonObject view, string field) => view[field] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
