using System.Text.Json;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Keys;

/// <summary>Changes many keys in one transaction: all of them or none.</summary>
internal sealed class KeyBulk(ConfigStore store, ResourceService service, KeyResource type, AccessGuard guard, TimeProvider time)
{
    public const long MostBytes = 8 * 1024 * 1024;

    private const int Most = 1000;

    /// <summary>Stands for the end of a dry run, which must leave nothing behind.</summary>
    private static readonly Problem Dry = new() { Status = 200, Title = "", Code = "dry_run" };

    public async Task<(KeyBulkAnswer? Answer, Problem? Refused)> RunAsync(JsonElement body, CancellationToken cancellation)
    {
        var errors = new FieldErrors();
        var order = Order.Read(new ObjectReader(body, "", errors));
        if (errors.Any)
        {
            return (null, Problem.Invalid(errors.All));
        }

        List<KeyBulkItem> items = [];
        var outcome = await store.ChangeAsync(
            state =>
            {
                var run = new Run(order, state, service, type, guard, time.GetUtcNow());
                if (run.Apply() is { } refused)
                {
                    return ConfigChange.Refuse(refused);
                }

                items = run.Items;
                return order.DryRun ? ConfigChange.Refuse(Dry) : ConfigChange.Of(run.Writes);
            },
            cancellation).ConfigureAwait(false);
        return outcome.Refused is { } problem && problem != Dry
            ? (null, problem)
            : (new KeyBulkAnswer { Operation = order.Operation, DryRun = order.DryRun, Items = items }, null);
    }

    /// <summary>The request, its form checked.</summary>
    private sealed record Order(KeyOperation Operation, bool DryRun, IReadOnlyList<JsonElement> Keys, IReadOnlyList<string>? Ids, KeyFilter? Filter, JsonElement? Patch, TimeSpan Overlap)
    {
        public static Order Read(ObjectReader reader)
        {
            var operation = reader.Choice<KeyOperation>("operation");
            if (!reader.Has("operation"))
            {
                reader.Error("operation", $"is required: one of {string.Join(", ", Enum.GetNames<KeyOperation>())}.");
            }

            var (creates, updates, rotates) = (operation == KeyOperation.Create, operation == KeyOperation.Update, operation == KeyOperation.Rotate);
            var (hasIds, hasFilter) = (reader.Has("ids"), reader.Has("filter"));
            Check(reader, "keys", creates, creates);
            Check(reader, "patch", updates, updates);
            Check(reader, "overlapSeconds", rotates, false);
            Check(reader, "ids", !creates && !hasFilter, false);
            Check(reader, "filter", !creates && !hasIds, false);
            if (operation is not null && !creates && !hasIds && !hasFilter)
            {
                reader.Error("ids", "is required, or 'filter': which keys are concerned.");
            }

            var order = new Order(
                operation ?? default,
                reader.Boolean("dryRun", false),
                reader.Objects("keys", Most),
                hasIds ? [.. reader.Texts("ids", Most, Formats.IdLength).Distinct(StringComparer.Ordinal)] : null,
                reader.Nested("filter") is { } filter ? KeyFilter.Read(filter) : null,
                reader.Object("patch"),
                KeyRotation.Overlap(reader));
            _ = hasIds ? null : reader.Texts("ids", Most, Formats.IdLength);
            reader.Close();
            return order;
        }

        private static void Check(ObjectReader reader, string name, bool allowed, bool required)
        {
            if (reader.Has(name) && !allowed)
            {
                reader.Error(name, "does not go with the operation or with what else is given.");
            }
            else if (required && !reader.Has(name))
            {
                reader.Error(name, "is required for the operation.");
            }
        }
    }

    /// <summary>One decision on one state.</summary>
    private sealed class Run(Order order, ConfigState state, ResourceService service, KeyResource type, AccessGuard guard, DateTimeOffset now)
    {
        private readonly FieldErrors _errors = new();
        private readonly Func<object, bool> _sees = guard.Sees(EntryKinds.Key, state);
        private Problem? _forbidden;

        public List<KeyBulkItem> Items { get; } = [];

        public List<EntryWrite> Writes { get; } = [];

        public Problem? Apply()
        {
            if (order.Operation == KeyOperation.Create)
            {
                Create();
            }
            else if (Select() is { } concerned)
            {
                foreach (var (field, key) in concerned)
                {
                    Change(field, key);
                }
            }

            return _errors.Any ? Problem.Invalid(_errors.All) : _forbidden;
        }

        private List<(string Field, StoredKey Key)>? Select()
        {
            if (order.Filter is { } filter)
            {
                var found = state.Keys.Values.Select(static k => k.Value).Where(filter.Over(state, now)).Where(k => _sees(k)).Take(Most + 1).ToList();
                if (found.Count > Most)
                {
                    _errors.Add("filter", $"matches more than {Most:N0} keys; narrow it down.");
                    return null;
                }

                return [.. found.Select(k => ($"key '{k.Entry.Id}'", k))];
            }

            var named = new List<(string, StoredKey)>();
            for (var i = 0; i < order.Ids!.Count; i++)
            {
                if (state.Keys.TryGetValue(order.Ids[i], out var stored) && _sees(stored.Value))
                {
                    named.Add(($"key '{order.Ids[i]}'", stored.Value));
                }
                else
                {
                    _errors.Add($"ids[{i}]", $"names no key: there is no '{order.Ids[i]}'.");
                }
            }

            return named;
        }

        private void Create()
        {
            var made = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < order.Keys.Count; i++)
            {
                var context = new ReadContext<StoredKey>(null, null);
                var errors = new FieldErrors();
                var key = service.Read(type, order.Keys[i], context, state, errors);
                if (!errors.Any && (state.Keys.ContainsKey(key.Entry.Id) || !made.Add(key.Entry.Id)))
                {
                    errors.Add("id", $"is that of a key already: '{key.Entry.Id}'.");
                }

                if (Fits($"keys[{i}]", errors))
                {
                    var given = order.Keys[i].TryGetProperty("id", out _);
                    May(AccessAction.Create, null, key);
                    Put(key, "created", context, order.DryRun && !given ? "" : key.Entry.Id);
                }
            }
        }

        private void Change(string field, StoredKey key)
        {
            var context = new ReadContext<StoredKey>(key.Entry.Id, key);
            switch (order.Operation)
            {
                case KeyOperation.Delete when type.Referrers(key.Entry.Id, state).FirstOrDefault() is { } referrer:
                    _errors.Add(field, $"is referred to by {referrer}; change or delete that first.");
                    break;
                case KeyOperation.Delete:
                    May(AccessAction.Delete, key, null);
                    Writes.Add(EntryWrite.Delete(EntryKinds.Key, key.Entry.Id));
                    Items.Add(new KeyBulkItem(key.Entry.Id, "deleted", null, null));
                    break;
                case KeyOperation.Rotate:
                    May(AccessAction.Rotate, key, key);
                    Put(KeyResource.Rotated(key, order.Overlap, now, context), "rotated", context, key.Entry.Id);
                    break;
                case KeyOperation.Update:
                    var errors = new FieldErrors();
                    var patched = service.Read(type, JsonMergePatch.Apply(JsonSerializer.SerializeToElement(type.View(key), type.ViewJson), order.Patch!.Value), context, state, errors);
                    if (Fits(field, errors))
                    {
                        May(AccessAction.Change, key, patched);
                        Put(patched, "updated", context, key.Entry.Id);
                    }

                    break;
                default:
                    var enabled = order.Operation == KeyOperation.Unblock;
                    if (key.Entry.Enabled == enabled)
                    {
                        Items.Add(new KeyBulkItem(key.Entry.Id, "unchanged", key.Prefix, null));
                    }
                    else
                    {
                        May(AccessAction.Change, key, key);
                        Put(key with { Entry = key.Entry with { Enabled = enabled } }, enabled ? "unblocked" : "blocked", context, key.Entry.Id);
                    }

                    break;
            }
        }

        // The first refusal is told; none is changed then.
        private void May(AccessAction action, StoredKey? before, StoredKey? after)
            => _forbidden ??= guard.Refuse(EntryKinds.Key, action, before, after, state);

        private void Put(StoredKey key, string result, ReadContext<StoredKey> context, string shownId)
        {
            Writes.Add(EntryWrite.Put(EntryKinds.Key, key.Entry.Id, key, type.StoredJson));
            // A value made in a dry run is nobody's key.
            var isNew = context.ShowOnce is not null;
            Items.Add(new KeyBulkItem(shownId, result, order.DryRun && isNew ? null : key.Prefix, order.DryRun ? null : context.ShowOnce));
        }

        private bool Fits(string field, FieldErrors errors)
        {
            foreach (var error in errors.All)
            {
                _errors.Add($"{field}.{error.Field}", error.Message);
            }

            return !errors.Any;
        }
    }
}
