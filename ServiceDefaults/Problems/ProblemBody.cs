using System.Text.Json.Serialization;

namespace Gateway.ServiceDefaults.Problems;

/// <summary>Error body of the services' internal addresses (RFC 9457, <c>application/problem+json</c>).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Stable name of the error, for programs.</param>
/// <param name="Title">What is wrong, for people.</param>
/// <param name="Detail">What to do about it.</param>
public sealed record ProblemBody(int Status, string Code, string Title, string Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext;
