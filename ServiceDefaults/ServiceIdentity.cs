using System.Reflection;

namespace Gateway.ServiceDefaults;

/// <summary>Which service this process is.</summary>
/// <param name="Name">Name in telemetry and discovery, for example <c>edge</c>.</param>
public sealed record ServiceIdentity(string Name)
{
    /// <summary>Version of the running build, for example <c>0.1.0</c>.</summary>
    public string Version { get; } =
        (Assembly.GetEntryAssembly() ?? typeof(ServiceIdentity).Assembly).GetName().Version?.ToString(3) ?? "0.0.0";
}
