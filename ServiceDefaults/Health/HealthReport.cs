using System.Text.Json.Serialization;

namespace Gateway.ServiceDefaults.Health;

/// <summary>Body of <c>/health/live</c> and <c>/health/ready</c>.</summary>
/// <param name="Status"><c>live</c>; or <c>ready</c>, <c>degraded</c>, <c>notReady</c>, <c>draining</c>.</param>
/// <param name="Service">Name of the service.</param>
/// <param name="Version">Version of the build.</param>
/// <param name="Checks">One entry per check; null for liveness.</param>
internal sealed record HealthReport(string Status, string Service, string Version, IReadOnlyList<HealthReportEntry>? Checks);

/// <param name="Name">Name of the check.</param>
/// <param name="Status"><c>ready</c>, <c>degraded</c> or <c>notReady</c>.</param>
/// <param name="Detail">A few words; null for none.</param>
/// <param name="DurationMs">How long the check took, in milliseconds.</param>
internal sealed record HealthReportEntry(string Name, string Status, string? Detail, double DurationMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class HealthJson : JsonSerializerContext;
