namespace Gateway.AppHost.Tests.Local;

/// <summary>A folder that every user may pass through, because Postgres runs as another one when the tests run as root.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"apphost-{Guid.NewGuid():n}")).FullName;

    public string Data => System.IO.Path.Combine(Path, "data");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
