using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Dashboard.Hosting;

/// <summary>A form that was sent: its fields, and how they become JSON for the admin API.</summary>
public sealed class FormFields(IFormCollection form)
{
    /// <summary>Name of the field with the form's token.</summary>
    public const string TokenField = "_token";

    /// <summary>Name of the field by which a form that is sent twice is carried out once.</summary>
    public const string OnceField = "_once";

    /// <summary>What is to be done.</summary>
    public string Do => this["do"];

    public string this[string name] => form[name].FirstOrDefault()?.Trim() ?? "";

    public bool Has(string name) => form.ContainsKey(name);

    public bool Checked(string name) => this[name] is "on" or "true" or "1";

    /// <summary>The text as it was typed.</summary>
    public string Raw(string name) => form[name].FirstOrDefault() ?? "";

    public IReadOnlyList<string> All(string name) => [.. form[name].OfType<string>().Where(v => v.Length > 0)];

    /// <summary>The file that was chosen; empty for none. It is no larger than a form may be.</summary>
    public async Task<byte[]> FileAsync(string name, CancellationToken cancellation)
    {
        if (form.Files.GetFile(name) is not { Length: > 0 } file)
        {
            return [];
        }

        using var content = new MemoryStream();
        await file.CopyToAsync(content, cancellation).ConfigureAwait(false);
        return content.ToArray();
    }

    /// <summary>What makes a repeated form the same call.</summary>
    public IReadOnlyDictionary<string, string> Once()
        => this[OnceField] is { Length: > 0 and <= 100 } once ? new Dictionary<string, string> { ["Idempotency-Key"] = "dashboard-" + once } : new Dictionary<string, string>();

    /// <summary>Begins the JSON of the form.</summary>
    public FormJson Json() => new(this);
}

/// <summary>Makes JSON of fields. What cannot be read is handed on as it was typed, so that the admin API says what is wrong with it in its own words.</summary>
public sealed class FormJson(FormFields form)
{
    public JsonObject Body { get; } = [];

    /// <summary>A text; left out when empty.</summary>
    public FormJson Text(string name, string? field = null)
    {
        if (form[field ?? name] is { Length: > 0 } text)
        {
            Body[name] = text;
        }

        return this;
    }

    /// <summary>A text, null when empty: for fields that can be taken away.</summary>
    public FormJson TextOrNull(string name, string? field = null)
    {
        Body[name] = form[field ?? name] is { Length: > 0 } text ? text : null;
        return this;
    }

    /// <summary>A whole or fractional number; null when empty.</summary>
    public FormJson Number(string name, string? field = null)
    {
        Body[name] = NumberOf(form[field ?? name]);
        return this;
    }

    public FormJson Flag(string name, string? field = null)
    {
        Body[name] = form.Checked(field ?? name);
        return this;
    }

    /// <summary>Texts, one on each line or separated by commas.</summary>
    public FormJson Texts(string name, string? field = null)
    {
        Body[name] = new JsonArray([.. form.All(field ?? name).SelectMany(v => v.Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(v => (JsonNode)v)]);
        return this;
    }

    /// <summary>Dollars of a field as nano-dollars; null when empty.</summary>
    public FormJson Dollars(string name, string field)
    {
        var text = form[field].TrimStart('$');
        Body[name] = text.Length == 0 ? null
            : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var usd) && Math.Abs(usd) < 9_000_000_000m ? (long)(usd * 1_000_000_000m)
            : text;
        return this;
    }

    /// <summary>A moment: what a field of the kind <c>datetime-local</c> gives, taken as UTC; null when empty.</summary>
    public FormJson Moment(string name, string? field = null)
    {
        var text = form[field ?? name];
        Body[name] = text.Length == 0 ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at.ToString("O", CultureInfo.InvariantCulture)
            : text;
        return this;
    }

    public FormJson Set(string name, JsonNode? value)
    {
        Body[name] = value;
        return this;
    }

    internal static JsonNode? NumberOf(string text)
        => text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) ? whole
            : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number
            : text;
}
