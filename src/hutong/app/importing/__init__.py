"""`hutong import observations`: CSV and Parquet tables become observations, checked, resumable, nothing doubled."""
