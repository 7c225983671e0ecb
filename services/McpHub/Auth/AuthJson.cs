using System.Text.Json.Serialization;

namespace Gateway.McpHub.Auth;

/// <summary>Documents of OAuth, as far as the hub reads them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Grant))]
[JsonSerializable(typeof(ResourceDocument))]
[JsonSerializable(typeof(ServerDocument))]
[JsonSerializable(typeof(RegistrationRequest))]
[JsonSerializable(typeof(RegistrationAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class AuthJson : JsonSerializerContext;

/// <summary>Metadata of a protected resource (RFC 9728).</summary>
internal sealed record ResourceDocument(string? Resource, List<string>? AuthorizationServers, List<string>? ScopesSupported);

/// <summary>Metadata of an authorization server (RFC 8414, OpenID discovery).</summary>
internal sealed record ServerDocument(
    string? Issuer,
    string? AuthorizationEndpoint,
    string? TokenEndpoint,
    string? RegistrationEndpoint,
    List<string>? ScopesSupported,
    List<string>? CodeChallengeMethodsSupported,
    List<string>? TokenEndpointAuthMethodsSupported,
    bool? AuthorizationResponseIssParameterSupported,
    bool? ClientIdMetadataDocumentSupported);

/// <summary>A registration of the hub (RFC 7591).</summary>
internal sealed record RegistrationRequest(
    string ClientName, List<string> RedirectUris, List<string> GrantTypes, List<string> ResponseTypes, string TokenEndpointAuthMethod, string ApplicationType, string? Scope);

/// <summary>The answer to it.</summary>
internal sealed record RegistrationAnswer(string? ClientId, string? ClientSecret, string? TokenEndpointAuthMethod);

/// <summary>The answer of a token endpoint.</summary>
internal sealed record TokenAnswer(string? AccessToken, string? RefreshToken, double? ExpiresIn, string? Scope, string? Error);
