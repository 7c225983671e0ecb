using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Entities;

/// <summary>Entries as forms, and forms as entries.</summary>
public static class EntityForms
{
    private const decimal NanosPerUsd = 1_000_000_000m;

    /// <summary>The JSON of a form: only what it has, so that a merge leaves the rest as it is.</summary>
    /// <param name="entity">The kind.</param>
    /// <param name="form">The form.</param>
    /// <param name="isNew">True for a new entry: then what is empty is left out.</param>
    public static JsonObject Body(Entity entity, FormFields form, bool isNew)
    {
        var body = new JsonObject();
        foreach (var field in entity.Fields.Where(f => isNew || !f.OnlyNew))
        {
            var value = Value(field, form);
            if (value is null && (isNew || field.Form == FieldForm.Secret))
            {
                continue;
            }

            Put(body, field.Name, value);
        }

        return body;
    }

    /// <summary>A field's value as it stands in its input.</summary>
    public static string Text(EntityField field, J entry)
    {
        var value = field.Name.Split('.').Aggregate(entry, (at, part) => at[part]);
        return field.Form switch
        {
            FieldForm.List => string.Join(", ", value.Texts),
            FieldForm.Dollars => value.IsThere ? (value.Whole / NanosPerUsd).ToString("0.#########", CultureInfo.InvariantCulture) : "",
            FieldForm.Moment => value.Time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture) ?? "",
            FieldForm.Json => value.IsThere ? value.Laid() : "",
            FieldForm.Secret => "",
            _ => value.Text,
        };
    }

    private static JsonNode? Value(EntityField field, FormFields form)
    {
        var text = form[field.Name];
        switch (field.Form)
        {
            case FieldForm.Flag:
                return form.Checked(field.Name);
            case FieldForm.List:
                return new JsonArray([.. text.Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(v => (JsonNode)v)]);
            case FieldForm.Number:
                return FormJson.NumberOf(text);
            case FieldForm.Dollars:
                return form.Json().Dollars("v", field.Name).Body["v"]?.DeepClone();
            case FieldForm.Moment:
                return form.Json().Moment("v", field.Name).Body["v"]?.DeepClone();
            case FieldForm.Json when text.Length > 0:
                return Parsed(text);
            default:
                return text.Length > 0 ? text : null;
        }
    }

    /// <summary>JSON as it was typed; as a text when it is none, so that the admin API says what belongs there.</summary>
    public static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static void Put(JsonObject body, string path, JsonNode? value)
    {
        var parts = path.Split('.');
        foreach (var part in parts[..^1])
        {
            if (body[part] is not JsonObject inner)
            {
                body[part] = inner = [];
            }

            body = inner;
        }

        body[parts[^1]] = value;
    }
}
