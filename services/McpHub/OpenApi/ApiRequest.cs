using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.OpenApi;

/// <summary>Makes the HTTP request of a call.</summary>
internal static class ApiRequest
{
    /// <summary>The request; null with a reason when the arguments do not fit.</summary>
    public static (HttpRequestMessage? Request, string? Problem) Make(ApiOperation operation, string baseUrl, JsonObject arguments, UpstreamSettings settings, ApiSecurity security, string? token)
    {
        var path = operation.Path;
        List<string> query = [];
        List<(string, string)> headers = [];
        foreach (var parameter in operation.Parameters)
        {
            if (!arguments.TryGetPropertyValue(parameter.Argument, out var value) || value is null)
            {
                if (parameter.Place == "path")
                {
                    return (null, $"The argument '{parameter.Argument}' is missing.");
                }

                continue;
            }

            switch (parameter.Place)
            {
                case "path":
                    var part = Text(value);

                    // A segment of dots would lead to another path than the one that was allowed.
                    if (part.Length == 0 || part is "." or "..")
                    {
                        return (null, $"The argument '{parameter.Argument}' cannot be a part of the path.");
                    }

                    path = path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(part), StringComparison.Ordinal);
                    break;
                case "query" when value is JsonArray list && parameter.Explode:
                    query.AddRange(list.Select(e => $"{Uri.EscapeDataString(parameter.Name)}={Uri.EscapeDataString(Text(e))}"));
                    break;
                case "query":
                    query.Add($"{Uri.EscapeDataString(parameter.Name)}={Uri.EscapeDataString(Text(value))}");
                    break;
                default:
                    if (Text(value).Any(char.IsControl))
                    {
                        return (null, $"The argument '{parameter.Argument}' cannot be a header.");
                    }

                    headers.Add((parameter.Name, Text(value)));
                    break;
            }
        }

        security.Query(settings, query);
        if (!Uri.TryCreate(baseUrl.TrimEnd('/') + path + (query.Count > 0 ? "?" + string.Join('&', query) : ""), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return (null, "The address of the API is not valid.");
        }

        var request = new HttpRequestMessage(new HttpMethod(operation.Method), address);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // After the arguments, so that none of them takes the place of a credential.
        foreach (var (name, value) in settings.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        security.Headers(settings, request);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (operation.MediaType is { } type && arguments["body"] is { } body)
        {
            request.Content = Body(type, body);
        }

        return (request, null);
    }

    private static HttpContent Body(string type, JsonNode body)
    {
        if (type == "application/x-www-form-urlencoded" && body is JsonObject form)
        {
            return new FormUrlEncodedContent(form.Select(f => new KeyValuePair<string, string>(f.Key, Text(f.Value))));
        }

        var text = type.Contains("json", StringComparison.OrdinalIgnoreCase) ? body.ToJsonString() : Text(body);
        return new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = MediaTypeHeaderValue.TryParse(type, out var parsed) ? parsed : null } };
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list => string.Join(',', list.Select(Text)),
        JsonValue v when v.GetValueKind() == JsonValueKind.String => v.GetValue<string>(),
        _ => value.ToJsonString(),
    };
}

/// <summary>How the document wants callers to prove themselves.</summary>
/// <param name="Kind"><c>header</c>, <c>query</c>, <c>bearer</c>, <c>basic</c>, or empty for not at all.</param>
/// <param name="Name">Name of the header or member of the query.</param>
internal sealed record ApiSecurity(string Kind, string Name)
{
    /// <summary>The scheme that the credential is for.</summary>
    public static ApiSecurity Of(JsonObject root, string? scheme)
    {
        var all = root["components"]?["securitySchemes"] as JsonObject ?? [];
        var chosen = scheme is not null ? all[scheme] : all.Count == 1 ? all.First().Value : null;
        return ($"{chosen?["type"]}", $"{chosen?["in"]}", $"{chosen?["scheme"]}".ToLowerInvariant()) switch
        {
            ("apiKey", "header", _) => new("header", $"{chosen!["name"]}"),
            ("apiKey", "query", _) => new("query", $"{chosen!["name"]}"),
            ("http", _, "basic") => new("basic", ""),
            ("http" or "oauth2" or "openIdConnect", _, _) => new("bearer", ""),
            _ => new("", ""),
        };
    }

    public void Query(UpstreamSettings settings, List<string> query)
    {
        if (Kind == "query" && settings.OpenApi!.Credential is { } secret)
        {
            query.RemoveAll(q => q.StartsWith(Uri.EscapeDataString(Name) + "=", StringComparison.Ordinal));
            query.Add($"{Uri.EscapeDataString(Name)}={Uri.EscapeDataString(secret)}");
        }
    }

    public void Headers(UpstreamSettings settings, HttpRequestMessage request)
    {
        if (settings.OpenApi!.Credential is not { } secret)
        {
            return;
        }

        if (Kind == "header")
        {
            request.Headers.Remove(Name);
            request.Headers.TryAddWithoutValidation(Name, secret);
        }
        else if (Kind is "bearer" or "basic")
        {
            request.Headers.Authorization = Kind == "bearer" ? new("Bearer", secret) : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)));
        }
    }
}
