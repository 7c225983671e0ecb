using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.ApplyDocuments;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.History;

namespace Gateway.Governance.Declarative;

/// <summary>Works out what a document changes, on the state that it will follow.</summary>
internal sealed class ApplyRun(
    ResourceRegistry kinds, ConfigPlan plan, YamlDocument document, ApplyOptions options, IReadOnlyDictionary<(string Kind, string Id), string> owners)
{
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly List<NewSecret> _secrets = [];
    private readonly List<(string Kind, string Id)> _taken = [];
    private int _named;

    public string Owner { get; private set; } = ApplyService.DefaultOwner;

    public FieldErrors Errors { get; } = new();

    public IReadOnlyList<EntryWrite> Writes => plan.Writes;

    /// <summary>Entries that belong to the owner from now on.</summary>
    public IReadOnlyList<(string Kind, string Id)> Taken => _taken;

    public void Plan()
    {
        var root = document.Root!;
        ReadHead(root);
        foreach (var (name, value) in root.Where(m => !ApplyService.IsHead(m.Key)))
        {
            if (kinds.FindPlural(name) is not { } kind)
            {
                Errors.Add(name, $"is unknown. Legal sections: {string.Join(", ", kinds.All.Select(k => k.Plural))}.");
            }
            else if (kind.Kind == EntryKinds.Settings)
            {
                Put(kind, kind.Kind, value, name);
            }
            else
            {
                Section(kind, name, value);
            }
        }

        if (!Errors.Any)
        {
            plan.Check();
        }

        foreach (var error in plan.Errors.All)
        {
            Errors.Add(Written(error.Field), error.Message);
        }
    }

    public ApplyReport Report() => new()
    {
        DryRun = options.DryRun,
        Owner = Owner,
        Version = 0,
        Changes = plan.Changes,
        Unchanged = _named - plan.Changes.Count(c => c.Action != "delete"),
        Secrets = options.DryRun ? [] : _secrets,
    };

    private void ReadHead(JsonObject root)
    {
        if (root["version"] is { } version && version.ToJsonString() != "1")
        {
            Errors.Add("version", "must be 1.");
        }

        if (root["owner"] is { } owner)
        {
            if (owner is JsonValue text && text.TryGetValue<string>(out var name) && name.Length is > 0 and <= Formats.IdLength && Formats.Id(name) is null)
            {
                Owner = name;
            }
            else
            {
                Errors.Add("owner", "must start with a lower-case letter or digit and have only lower-case letters, digits, '-', '_' and '.'.");
            }
        }
    }

    private void Section(IResourceKind kind, string name, JsonNode? value)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        switch (value)
        {
            case null:
                break;
            case JsonObject entries:
                foreach (var (id, entry) in entries)
                {
                    ids.Add(id);
                    Put(kind, id, entry, $"{name}.{id}");
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i]?[kind.IdField] is not JsonValue text || !text.TryGetValue<string>(out var id))
                    {
                        Errors.Add($"{name}[{i}]", $"must be a mapping with its {kind.IdField}.");
                    }
                    else if (!ids.Add(id))
                    {
                        Errors.Add($"{name}[{i}].{kind.IdField}", $"is there twice: '{id}'.");
                    }
                    else
                    {
                        Put(kind, id, list[i], $"{name}[{i}]");
                    }
                }

                break;
            default:
                Errors.Add(name, "must be a mapping of ids to entries, or a list of entries.");
                return;
        }

        if (options.Prune)
        {
            foreach (var (_, id) in owners.Where(o => o.Value == Owner && o.Key.Kind == kind.Kind && !ids.Contains(o.Key.Id)).Select(o => o.Key).Order())
            {
                plan.Delete(kind, id);
            }
        }
    }

    private void Put(IResourceKind kind, string id, JsonNode? value, string place)
    {
        _named++;
        if (value is not (null or JsonObject))
        {
            Errors.Add(place, "must be a mapping of fields to values.");
            return;
        }

        // What the reader and the references say of the entry is found again where it stands in the document.
        _written.TryAdd($"{kind.Plural}.{id}", place);
        var isReadable = true;
        var entry = ApplyNames.Translate(
            kind.Plural,
            value as JsonObject ?? [],
            (field, message) =>
            {
                isReadable = false;
                Errors.Add($"{place}.{field}", message);
            },
            (field, name) => _written[$"{place}.{field}"] = $"{place}.{name}");
        if (!isReadable)
        {
            return;
        }

        if (kind.Kind != EntryKinds.Settings)
        {
            if (entry[kind.IdField] is { } given && given.ToJsonString() != JsonValue.Create(id).ToJsonString())
            {
                Errors.Add($"{place}.{kind.IdField}", $"is not '{id}', under which the entry stands.");
                return;
            }

            entry[kind.IdField] = id;
        }

        var errors = new FieldErrors();
        var current = kind.Find(plan.State, id);
        var body = kind.Read(JsonSerializer.SerializeToElement(entry, NodeJson.Default.JsonNode), id, plan.State, errors, out var secret);
        foreach (var error in errors.All)
        {
            Errors.Add(Written($"{place}.{error.Field}"), error.Message);
        }

        if (errors.Any)
        {
            return;
        }

        var isOthers = owners.TryGetValue((kind.Kind, id), out var other) && other != Owner && !options.TakeOver;
        if (isOthers && body != current?.Body)
        {
            Errors.Add(place, $"belongs to the owner '{other}'. Remove it here, or apply with takeOver=true.");
            return;
        }

        plan.Put(kind, id, body);
        if (secret is not null && current is null)
        {
            _secrets.Add(new NewSecret(kind.Kind, id, secret));
        }

        if (!isOthers && other != Owner)
        {
            _taken.Add((kind.Kind, id));
        }
    }

    private string Written(string field)
    {
        foreach (var (known, place) in _written)
        {
            if (known != place && field.StartsWith(known, StringComparison.Ordinal) && (field.Length == known.Length || field[known.Length] is '.' or '['))
            {
                return place + field[known.Length..];
            }
        }

        return field;
    }
}
