using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.McpHub.Tests.OAuth;

/// <summary>An MCP server that wants tokens, and the authorization server that gives them, which checks what it is told.</summary>
internal sealed class AuthorizationFixture : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (string Challenge, string Redirect, string Resource, string Login)> codes = new();
    private readonly ConcurrentDictionary<string, string> refreshes = new();
    private StubServer server = null!;
    private int last;

    public string Url => server.Url;

    /// <summary>Access tokens that hold, and whose they are.</summary>
    public ConcurrentDictionary<string, string> Tokens { get; } = new();

    /// <summary>What the token endpoint was asked for, by grant type, and <c>register</c>.</summary>
    public ConcurrentQueue<string> Grants { get; } = new();

    public string[] ChallengeMethods { get; set; } = ["S256"];

    public string? Resource { get; set; }

    public string? AnsweredIssuer { get; set; }

    public int? ExpiresIn { get; set; }

    public bool RefusesRefresh { get; set; }

    /// <summary>Refuses every token, by 401 or by 403 for want of a scope.</summary>
    public int RefusesTokens { get; set; }

    public static async Task<AuthorizationFixture> StartAsync()
    {
        var fixture = new AuthorizationFixture();
        fixture.server = await StubServer.StartAsync(fixture.AnswerAsync);
        return fixture;
    }

    public int Count(string grant) => Grants.Count(g => g == grant);

    /// <summary>Puts a user's tokens there as if he had signed in.</summary>
    public (string Access, string Refresh) Give(string login)
    {
        var number = Interlocked.Increment(ref last);
        var tokens = ($"at-{login}-{number}", $"rt-{login}-{number}");
        Tokens[tokens.Item1] = login;
        refreshes[tokens.Item2] = login;
        return tokens;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private Task AnswerAsync(HttpContext http, JsonObject? message) => http.Request.Path.Value switch
    {
        "/mcp" => McpAsync(http, message),
        "/.well-known/oauth-protected-resource/mcp" => StubServer.JsonAsync(
            http, new JsonObject { ["resource"] = Resource ?? Url, ["authorization_servers"] = new JsonArray(server.Address), ["scopes_supported"] = new JsonArray("read") }.ToJsonString()),
        "/.well-known/oauth-authorization-server" => StubServer.JsonAsync(http, new JsonObject
        {
            ["issuer"] = server.Address,
            ["authorization_endpoint"] = server.Address + "/authorize",
            ["token_endpoint"] = server.Address + "/token",
            ["registration_endpoint"] = server.Address + "/register",
            ["code_challenge_methods_supported"] = new JsonArray([.. ChallengeMethods.Select(m => JsonValue.Create(m))]),
            ["authorization_response_iss_parameter_supported"] = true,
        }.ToJsonString()),
        "/register" => RegisterAsync(http, message!),
        "/authorize" => AuthorizeAsync(http),
        "/token" => TokenAsync(http),
        _ => StubServer.JsonAsync(http, "{}", 404),
    };

    private Task McpAsync(HttpContext http, JsonObject? message)
    {
        var token = http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        if (RefusesTokens == 403 && token.Length > 0)
        {
            http.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"admin\", resource_metadata=\"{server.Address}/.well-known/oauth-protected-resource/mcp\"";
            return StubServer.JsonAsync(http, "{}", 403);
        }

        if (RefusesTokens == 401 || !Tokens.TryGetValue(token, out var login))
        {
            http.Response.Headers.WWWAuthenticate = $"Bearer scope=\"read\", resource_metadata=\"{server.Address}/.well-known/oauth-protected-resource/mcp\"";
            return StubServer.JsonAsync(http, "{}", 401);
        }

        switch ((string?)message?["method"])
        {
            case "initialize":
                return StubServer.InitializeAsync(http, message!);
            case "tools/list":
                return StubServer.ResultAsync(http, message!, """{"tools":[{"name":"who","inputSchema":{"type":"object"}}]}""");
            case "tools/call":
                return StubServer.ResultAsync(http, message!, $$"""{"content":[{"type":"text","text":"{{login}}"}]}""");
            case null or "notifications/initialized":
                http.Response.StatusCode = message is null ? 405 : 202;
                return Task.CompletedTask;
            default:
                return StubServer.JsonAsync(http, $$$"""{"jsonrpc":"2.0","id":{{{message!["id"]?.ToJsonString() ?? "null"}}},"error":{"code":-32601,"message":"no"}}""");
        }
    }

    private Task RegisterAsync(HttpContext http, JsonObject message)
    {
        Grants.Enqueue("register");
        var number = Interlocked.Increment(ref last);
        return StubServer.JsonAsync(
            http, new JsonObject { ["client_id"] = $"client-{number}", ["client_secret"] = $"secret-{number}", ["redirect_uris"] = message["redirect_uris"]!.DeepClone(), ["token_endpoint_auth_method"] = "client_secret_basic" }.ToJsonString(), 201);
    }

    private Task AuthorizeAsync(HttpContext http)
    {
        var query = http.Request.Query;
        if (query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["client_id"].ToString().StartsWith("client-", StringComparison.Ordinal))
        {
            http.Response.StatusCode = 400;
            return Task.CompletedTask;
        }

        var code = Guid.NewGuid().ToString("N");
        codes[code] = (query["code_challenge"].ToString(), query["redirect_uri"].ToString(), query["resource"].ToString(), query["login"].ToString());
        http.Response.Redirect(QueryHelpers.AddQueryString(
            query["redirect_uri"].ToString(), new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"], ["iss"] = AnsweredIssuer ?? server.Address }));
        return Task.CompletedTask;
    }

    private async Task TokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var grant = form["grant_type"].ToString();
        Grants.Enqueue(grant);
        var client = Encoding.UTF8.GetString(Convert.FromBase64String(http.Request.Headers.Authorization.ToString().Replace("Basic ", "", StringComparison.Ordinal)));
        string? login = grant switch
        {
            "client_credentials" => "hub",
            "refresh_token" when !RefusesRefresh && refreshes.TryRemove(form["refresh_token"].ToString(), out var whose) => whose,
            "authorization_code" when codes.TryRemove(form["code"].ToString(), out var asked)
                && asked.Challenge == Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())))
                && asked.Redirect == form["redirect_uri"] && asked.Resource == Url => asked.Login,
            _ => null,
        };
        if (login is null || form["resource"] != Url || !client.StartsWith("client-", StringComparison.Ordinal))
        {
            await StubServer.JsonAsync(http, """{"error":"invalid_grant"}""", 400);
            return;
        }

        var (access, refresh) = Give(login);
        var answer = new JsonObject { ["access_token"] = access, ["token_type"] = "Bearer" };
        if (grant != "client_credentials")
        {
            answer["refresh_token"] = refresh;
        }

        if (ExpiresIn is { } seconds)
        {
            answer["expires_in"] = seconds;
        }

        await StubServer.JsonAsync(http, answer.ToJsonString());
    }
}
