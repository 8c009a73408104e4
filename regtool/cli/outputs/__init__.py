"""What pipelines read: files and variables in the forms that GitHub, GitLab and buildx gave them."""
