namespace Gateway.Starlark;

/// <summary>A tool that programs may call, as <c>namespace.name(argument=value)</c>, or <c>name(…)</c> where there is no namespace.</summary>
/// <param name="Namespace">An identifier, or empty.</param>
/// <param name="Name">An identifier.</param>
/// <param name="Parameters">Names of its parameters in order, for arguments without a name; empty where unknown: then arguments need names.</param>
/// <param name="Tag">What the host recognises it by.</param>
public sealed record ScriptTool(string Namespace, string Name, IReadOnlyList<string> Parameters, object? Tag)
{
    /// <summary>The name as programs write it.</summary>
    public string FullName => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";
}
