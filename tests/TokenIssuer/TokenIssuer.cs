using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Tokens;

/// <summary>An OpenID provider for tests: discovery, keys that rotate, logins and any token that a test wants, right or wrong.</summary>
public sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, (string Challenge, JsonObject Claims)> _codes = new(StringComparer.Ordinal);
    private readonly Lock _state = new();
    private List<(string Id, string Algorithm, AsymmetricAlgorithm Key)> _keys = [];
    private int _keyFetches;

    private TokenIssuer(WebApplication app) => _app = app;

    /// <summary>The issuer, as tokens name it.</summary>
    public string Name => _app.Urls.First();

    /// <summary>How often the keys were asked for.</summary>
    public int KeyFetches => Volatile.Read(ref _keyFetches);

    /// <summary>False makes every answer a 503.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>The claims of who logs in next; <c>nonce</c>, <c>aud</c> and times are added where they are missing.</summary>
    public JsonObject NextLogin { get; set; } = new() { ["sub"] = "somebody" };

    public static async Task<TokenIssuer> StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new TokenIssuer(app);
        issuer.Rotate();
        app.Use(async (context, next) =>
        {
            if (issuer.IsUp)
            {
                await next(context);
            }
            else
            {
                context.Response.StatusCode = 503;
            }
        });
        app.MapGet("/.well-known/openid-configuration", () => Results.Text(
            $$"""
            {"issuer":"{{issuer.Name}}","jwks_uri":"{{issuer.Name}}/jwks","authorization_endpoint":"{{issuer.Name}}/authorize","token_endpoint":"{{issuer.Name}}/token",
             "end_session_endpoint":"{{issuer.Name}}/end","token_endpoint_auth_methods_supported":["client_secret_basic"]}
            """,
            "application/json"));
        app.MapGet("/jwks", () =>
        {
            Interlocked.Increment(ref issuer._keyFetches);
            return Results.Text(issuer.Jwks(), "application/json");
        });
        app.MapGet("/authorize", (HttpContext context) => Results.Redirect(issuer.Authorize(context.Request.Query)));
        // Two parameters: with the context alone the result would be thrown away.
        app.MapPost("/token", async (HttpContext context, CancellationToken aborted) => issuer.Redeem(await context.Request.ReadFormAsync(aborted)));
        await app.StartAsync(cancellation);
        return issuer;
    }

    /// <summary>Publishes a new key of each kind, and no longer the old ones unless they are kept.</summary>
    public void Rotate(bool keepOld = false)
    {
        lock (_state)
        {
            var number = Guid.NewGuid().ToString("n")[..6];
            _keys = [(number + "r", "RS256", RSA.Create(2048)), (number + "e", "ES256", ECDsa.Create(ECCurve.NamedCurves.nistP256)), .. keepOld ? _keys : []];
        }
    }

    /// <summary>A token with claims of the test's choice over good ones; a null takes a claim away.</summary>
    public string Token(JsonObject? claims = null, string algorithm = "RS256", string? keyId = null, TimeProvider? time = null)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        var all = new JsonObject { ["iss"] = Name, ["aud"] = "gateway", ["sub"] = "somebody", ["iat"] = now, ["exp"] = now + 600 };
        foreach (var (name, value) in claims ?? [])
        {
            if (value is null)
            {
                all.Remove(name);
            }
            else
            {
                all[name] = value.DeepClone();
            }
        }

        var (id, key) = _keys.Where(k => k.Algorithm[0] == algorithm[0] || (k.Algorithm[0] == 'R' && algorithm[0] is 'P' or 'n' or 'H')).Select(k => (k.Id, k.Key)).First();
        var head = Encode($$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{keyId ?? id}}"}""") + "." + Encode(all.ToJsonString());
        var content = Encoding.ASCII.GetBytes(head);
        var signature = (algorithm, key) switch
        {
            ("none", _) => [],
            ("HS256", RSA rsa) => HMACSHA256.HashData(Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), content),
            ("PS256", RSA rsa) => rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            (_, RSA rsa) => rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            (_, ECDsa ec) => ec.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            _ => throw new ArgumentException("No such algorithm.", nameof(algorithm)),
        };
        return head + "." + Base64Url.EncodeToString(signature);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private string Jwks()
    {
        lock (_state)
        {
            return new JsonObject
            {
                ["keys"] = new JsonArray([new JsonObject { ["kty"] = "oct", ["k"] = "c2VjcmV0", ["kid"] = "secret" }, .. _keys.Select(k => k.Key switch
                {
                    RSA rsa => new JsonObject
                    {
                        ["kty"] = "RSA", ["use"] = "sig", ["kid"] = k.Id,
                        ["n"] = Base64Url.EncodeToString(rsa.ExportParameters(false).Modulus), ["e"] = Base64Url.EncodeToString(rsa.ExportParameters(false).Exponent),
                    },
                    ECDsa ec => new JsonObject
                    {
                        ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = k.Id,
                        ["x"] = Base64Url.EncodeToString(ec.ExportParameters(false).Q.X), ["y"] = Base64Url.EncodeToString(ec.ExportParameters(false).Q.Y),
                    },
                    _ => (JsonNode)new JsonObject(),
                })]),
            }.ToJsonString();
        }
    }

    private string Authorize(IQueryCollection query)
    {
        var code = Guid.NewGuid().ToString("n");
        var claims = (JsonObject)NextLogin.DeepClone();
        claims.TryAdd("nonce", query["nonce"].ToString());
        claims.TryAdd("aud", query["client_id"].ToString());
        lock (_state)
        {
            _codes[code] = (query["code_challenge"].ToString(), claims);
        }

        return $"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}";
    }

    private IResult Redeem(IFormCollection form)
    {
        lock (_state)
        {
            var hash = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
            return _codes.Remove(form["code"].ToString(), out var login) && login.Challenge == hash
                ? Results.Text(JsonSerializer.Serialize(new Dictionary<string, string> { ["id_token"] = Token(login.Claims), ["access_token"] = "x", ["token_type"] = "Bearer" }), "application/json")
                : Results.Text("""{"error":"invalid_grant"}""", "application/json", statusCode: 400);
        }
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
