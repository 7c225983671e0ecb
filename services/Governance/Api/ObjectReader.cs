using System.Globalization;
using System.Text.Json;

namespace Gateway.Governance.Api;

/// <summary>
/// Reads a JSON object field by field and notes every error instead of stopping at the first. The names asked for are the legal
/// ones: <see cref="Close"/> refuses all others.
/// </summary>
internal sealed class ObjectReader(JsonElement element, string path, FieldErrors errors)
{
    private readonly List<string> _legal = [];
    private readonly HashSet<string> _ignored = new(StringComparer.Ordinal);

    public FieldErrors Errors => errors;

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public void Error(string name, string message) => errors.Add(PathOf(name), message);

    /// <summary>Accepts members that answers carry and requests may echo.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _ignored.Add(name);
        }
    }

    /// <summary>True when there is such a member and it is not null.</summary>
    public bool Has(string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A text; null when it is missing, null or wrong. <paramref name="check"/> returns what is wrong, or null.</summary>
    public string? Text(string name, bool required, int most, Func<string, string?>? check = null) => Text(name, required, most, check, lines: false);

    /// <summary>A text that may have several lines; null when it is missing, null or wrong.</summary>
    public string? Document(string name, int most, Func<string, string?> check) => Text(name, required: false, most, check, lines: true);

    private string? Text(string name, bool required, int most, Func<string, string?>? check, bool lines)
    {
        if (!Take(name, out var value))
        {
            if (required)
            {
                Error(name, "is required.");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Error(name, $"must be a text, not {Kind(value)}.");
            return null;
        }

        var text = value.GetString()!;
        return IsGood(PathOf(name), text, required, most, check, lines) ? text : null;
    }

    public bool Boolean(string name, bool fallback)
    {
        if (!Take(name, out var value))
        {
            return fallback;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.ValueKind == JsonValueKind.True;
        }

        Error(name, $"must be true or false, not {Kind(value)}.");
        return fallback;
    }

    public long? Integer(string name, long least, long most, bool required = false)
    {
        if (!Take(name, out var value))
        {
            if (required)
            {
                Error(name, $"is required: a whole number from {Show(least)} to {Show(most)}.");
            }

            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Error(name, $"must be a whole number from {Show(least)} to {Show(most)}{(value.ValueKind == JsonValueKind.Number ? "" : $", not {Kind(value)}")}.");
        return null;
    }

    /// <summary>A number that need not be whole; null when it is missing, null or wrong.</summary>
    public double? Number(string name, double least = double.MinValue, double most = double.MaxValue)
    {
        if (!Take(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Error(name, string.Create(CultureInfo.InvariantCulture, $"must be a number{(most < double.MaxValue ? $" from {least} to {most}" : "")}{(value.ValueKind == JsonValueKind.Number ? "" : $", not {Kind(value)}")}."));
        return null;
    }

    public int Integer(string name, int least, int most, int fallback) => (int)(Integer(name, least, (long)most) ?? fallback);

    public TEnum Choice<TEnum>(string name, TEnum fallback)
        where TEnum : struct, Enum
        => Choice<TEnum>(name) ?? fallback;

    /// <summary>One of the names of an enum; null when it is missing, null or wrong.</summary>
    public TEnum? Choice<TEnum>(string name)
        where TEnum : struct, Enum
    {
        if (!Take(name, out var value))
        {
            return null;
        }

        var names = System.Enum.GetNames<TEnum>();
        if (value.ValueKind == JsonValueKind.String
            && names.FirstOrDefault(n => n.Equals(value.GetString(), StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return System.Enum.Parse<TEnum>(found);
        }

        Error(name, $"must be one of {string.Join(", ", names)}.");
        return null;
    }

    public DateTimeOffset? Instant(string name)
    {
        if (!Take(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var instant))
        {
            return instant.ToUniversalTime();
        }

        Error(name, "must be a date and time with offset, for example 2030-01-31T00:00:00Z.");
        return null;
    }

    public IReadOnlyList<string> Texts(string name, int mostItems, int mostLength, Func<string, string?>? check = null)
    {
        var texts = new List<string>();
        foreach (var (item, itemPath) in Items(name, 0, mostItems, required: false))
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                errors.Add(itemPath, $"must be a text, not {Kind(item)}.");
            }
            else if (IsGood(itemPath, item.GetString()!, required: true, mostLength, check))
            {
                texts.Add(item.GetString()!);
            }
        }

        return texts;
    }

    /// <summary>Texts that may have several lines.</summary>
    public IReadOnlyList<string> Documents(string name, int mostItems, int mostLength)
    {
        var texts = new List<string>();
        foreach (var (item, itemPath) in Items(name, 0, mostItems, required: false))
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                errors.Add(itemPath, $"must be a text, not {Kind(item)}.");
            }
            else if (IsGood(itemPath, item.GetString()!, required: true, mostLength, null, lines: true))
            {
                texts.Add(item.GetString()!);
            }
        }

        return texts;
    }

    public IReadOnlyList<long> Integers(string name, int mostItems, long least, long most)
    {
        var numbers = new List<long>();
        foreach (var (item, itemPath) in Items(name, 0, mostItems, required: false))
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= least && number <= most)
            {
                numbers.Add(number);
            }
            else
            {
                errors.Add(itemPath, $"must be a whole number from {Show(least)} to {Show(most)}.");
            }
        }

        return numbers;
    }

    public IReadOnlyDictionary<string, string> TextMap(string name, int mostItems, int mostLength, Func<string, string, string?> check)
    {
        var map = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!Take(name, out var value))
        {
            return map;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            Error(name, $"must be an object of texts, not {Kind(value)}.");
            return map;
        }

        foreach (var member in value.EnumerateObject())
        {
            var memberPath = $"{PathOf(name)}.{member.Name}";
            if (member.Value.ValueKind != JsonValueKind.String)
            {
                errors.Add(memberPath, $"must be a text, not {Kind(member.Value)}.");
            }
            else if (IsGood(memberPath, member.Value.GetString()!, required: false, mostLength, v => check(member.Name, v)) && !map.TryAdd(member.Name, member.Value.GetString()!))
            {
                errors.Add(memberPath, "is there twice.");
            }
        }

        if (map.Count > mostItems)
        {
            Error(name, $"may have at most {mostItems} members.");
        }

        return map;
    }

    /// <summary>A nested object, or null when it is missing. The caller closes it.</summary>
    public ObjectReader? Nested(string name)
    {
        if (!Take(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new ObjectReader(value, PathOf(name), errors);
        }

        Error(name, $"must be an object, not {Kind(value)}.");
        return null;
    }

    /// <summary>A nested object as it is, or null when it is missing.</summary>
    public JsonElement? Object(string name)
    {
        if (!Take(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        Error(name, $"must be an object, not {Kind(value)}.");
        return null;
    }

    /// <summary>A list of objects as they are; empty when it is missing.</summary>
    public IReadOnlyList<JsonElement> Objects(string name, int most)
    {
        var objects = new List<JsonElement>();
        foreach (var (item, itemPath) in Items(name, Has(name) ? 1 : 0, most, required: false))
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                objects.Add(item);
            }
            else
            {
                errors.Add(itemPath, $"must be an object, not {Kind(item)}.");
            }
        }

        return objects;
    }

    public IEnumerable<ObjectReader> NestedMany(string name, int least, int most)
    {
        foreach (var (item, itemPath) in Items(name, least, most, required: least > 0))
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                yield return new ObjectReader(item, itemPath, errors);
            }
            else
            {
                errors.Add(itemPath, $"must be an object, not {Kind(item)}.");
            }
        }
    }

    /// <summary>Refuses every member that was not asked for.</summary>
    public void Close()
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!_legal.Contains(member.Name) && !_ignored.Contains(member.Name))
            {
                Error(member.Name, $"is unknown. Legal fields: {string.Join(", ", _legal)}.");
            }
        }
    }

    private List<(JsonElement Item, string Path)> Items(string name, int least, int most, bool required)
    {
        var items = new List<(JsonElement, string)>();
        if (!Take(name, out var value))
        {
            if (required)
            {
                Error(name, $"is required: a list of {least} to {most} entries.");
            }

            return items;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < least || value.GetArrayLength() > most)
        {
            Error(name, $"must be a list of {least} to {most} entries.");
            return items;
        }

        foreach (var item in value.EnumerateArray())
        {
            items.Add((item, $"{PathOf(name)}[{items.Count}]"));
        }

        return items;
    }

    private bool Take(string name, out JsonElement value)
    {
        _legal.Add(name);
        return element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private bool IsGood(string field, string text, bool required, int most, Func<string, string?>? check, bool lines = false)
    {
        var wrong = text.Length == 0 && required ? "must not be empty."
            : text.Length > most ? $"must have at most {most} characters."
            : !lines && text.Any(char.IsControl) ? "must not contain control characters."
            : text.Length > 0 ? check?.Invoke(text) : null;
        if (wrong is not null)
        {
            errors.Add(field, wrong);
        }

        return wrong is null;
    }

    private static string Show(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        _ => "null",
    };
}
